#!/bin/sh
# docent on Discord when something goes wrong, or is set up otherwise: each trouble by itself. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/discord.sh

heat='how hot should the oven be'
config() {
    mkdir -p "$XDG_CONFIG_HOME/docent"
    echo "{\"discord\": {\"per_minute\": 0, $1}}" > "$XDG_CONFIG_HOME/docent/docent.json"
}
# answers NAME MEMBERS...: a mention is answered, with what stands in MEMBERS.
answers() {
    name=$1
    say "\"content\":\"$heat\"${2:-}"
    check "$name" answered "$id" '230'
}
# resumes NAME: one more session is resumed, and a mention then answered.
resumes() {
    check "$1: the session is resumed" wait_for is resumed "$2"
    wait_for live
    answers "$1: and goes on"
}

start_fake discord || exit 74
use_fake_discord
config '"shards": "auto"'
order /_discord/set '{"heartbeat_ms":1000}'
check 'docent starts' start_docent
order /_discord/set "{\"docent_port\":$port}"
wait_for live

# --- links

order /_fake/ws '{"do":"reset"}'
resumes 'a reset' 1
order /_fake/ws '{"do":"hang_up"}'
resumes 'an end without a close frame' 2
order /_fake/ws '{"do":"half_frame"}'
resumes 'half a frame' 3
order /_fake/ws '{"do":"mute"}'
resumes 'a link that says nothing any more' 4
order /_discord/op '{"op":7,"d":null}'
resumes 'a request to reconnect' 5
order /_discord/op '{"op":9,"d":true}'
resumes 'a session that is not valid for now' 6
order /_fake/ws '{"do":"close","code":4000}'
resumes 'close code 4000' 7
order /_fake/ws '{"do":"text","text":"{\"op\":1,\"d\":null}"}'
answers 'a heartbeat on demand'
order /_discord/op '{"op":1,"d":null,"times":300}'
answers 'heartbeats on demand, 300 of them'
check '… of which half a minute`s worth is heeded: 120 sends a minute is what Discord bears' \
    eval '[ "$(account sends_peak)" -ge 50 ] && [ "$(account sends_peak)" -le 120 ] && clean'
order /_fake/ws '{"do":"text","text":"not JSON"}'
order /_fake/ws '{"do":"text","text":"[1,{\"op\":10}]"}'
order /_fake/ws '{"do":"binary","text":"x"}'
answers 'frames that are nonsense'
order /_fake/ws '{"do":"big","bytes":1500000}'
answers 'a frame of 1.5 MB'
order /_fake/ws '{"do":"fragments","text":"{\"op\":11,\"d\":null,\"s\":null,\"t\":null}"}'
answers 'a frame in pieces'
order /_discord/op '{"op":9,"d":false}'
check 'a session that is lost: another one' wait_for is identifies 2
wait_for live
answers '… and goes on'

# --- calls

order /_discord/set '{"lost_answers":2}'
answers 'the answer to a call is lost: sent again'
check '… and Discord itself takes it once' wait_for is deduplicated 1
for scope in user shared global; do
    order /_discord/too_fast "{\"scope\":\"$scope\",\"times\":2,\"retry_after\":0.2}"
    answers "429, $scope"
done
order /_fake/fault '{"path":"/api/v10/channels/","do":"status","status":502,"times":1}'
answers '502'
order /_fake/fault '{"path":"/api/v10/channels/","do":"reset","times":1}'
answers 'a reset'
refuse() { order /_fake/fault "{\"path\":\"/api/v10/channels/$1\",\"do\":\"status\",\"status\":$2,\"body\":\"{\\\"code\\\":$3}\"}"; }
refuse 60 400 50035
answers 'a form that is refused: once more without buttons'
refuse 60 403 160002
answers 'quoting is forbidden: once more without it'
refuse 62 403 50013
say "\"content\":\"$heat\",\"channel\":\"62\",\"uncounted\":true"
check 'writing is forbidden: given up' wait_for logged 'reason="docent may not write in the channel'
say "\"content\":\"$heat\",\"channel\":\"62\",\"uncounted\":true"
check '… and not tried again soon' wait_for logged 'forbidden in this channel a short while ago'
answers 'elsewhere all goes on'
check 'nothing twice, and nothing that Discord forbids' clean
stop_docent

# --- what is set up otherwise

config '"message_content": true, "everything": ["65"], "denied": ["66"]'
order /_discord/set '{"message_content":true,"shards":3,"max_concurrency":16}'
check 'shards: docent starts' start_docent
order /_discord/set "{\"docent_port\":$port}"
check 'shards: three links come up' wait_for live
answers 'shards: a mention comes by one'
say "\"content\":\"$heat\",\"direct\":true"
check 'shards: a direct message by another' answered "$id" '230'
say "\"content\":\"$heat\",\"mention\":false,\"channel\":\"65\""
check 'everything: in that channel no mention is needed' answered "$id" '230'
say "\"content\":\"$heat\",\"channel\":\"67\",\"thread\":true"
check 'threads: a mention' answered "$id" '230'
say '"content":"how long does dough rise","mention":false,"channel":"67","thread":true,"user":"71"'
check 'threads: what follows needs none, whoever asks' answered "$id" '90'
say "\"content\":\"$heat\",\"channel\":\"66\",\"uncounted\":true"
interact "\"question\":\"$heat\",\"channel\":\"66\",\"uncounted\":true"
check 'denied: a command is told so' answered "$id" 'do not answer here'
over_http "\"question\":\"$heat\",\"channel\":\"66\",\"uncounted\":true"
check 'denied: over HTTP, too' grep -q '^200 .*do not answer here' "$work/out"
check 'denied: a mention is not answered' exactly 0 /api/v10/channels/66
stop_docent

# --- what an administrator must do something about

config '"shards": "auto"'
order /_discord/set '{"message_content":false,"shards":1,"max_concurrency":1,"remaining":40,"no_resume":true}'
check 'few sessions left: docent starts' start_docent
check 'few sessions left: it says so' wait_for logged 'discord.starts_used_up remaining=40'
identifies=$(account identifies)
check 'few sessions left: and begins none' is identifies "$identifies"
kill_docent
order /_discord/set '{"remaining":900,"no_resume":false}'
config '"message_content": true'
check 'an intent that is off: docent starts' start_docent
check 'an intent that is off: docent says what to do' wait_for logged 'discord.stopped .*Message Content Intent'
kill_docent
config '"shards": "auto"'
order /_discord/set '{"bad_token":true}'
check 'a token that was reset: docent starts' start_docent
check 'a token that was reset: docent says what to do' wait_for logged 'discord.dead .*DISCORD_TOKEN'
kill_docent
config '"shards": "3-0/4"'
"$docent" serve --pack "$work/bread" --listen 127.0.0.1:0 > "$work/out" 2>&1
check 'shards that make no sense: status 78' [ $? = 78 ]

exit $failed
