#!/bin/sh
# docent discord register, docent post --discord, docent doctor, against fake_discord. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/discord.sh

heat='how hot should the oven be'
ended() { [ "$status" = "$1" ]; }
says() { grep -qF -- "$1" "$work/err"; }
# run WORD...: docent with this pack; its output in out and err.
run() {
    "$docent" "$@" --pack "$work/bread" < "${input:-/dev/null}" > "$work/out" 2> "$work/err"
    status=$?
    cp "$work/err" "$work/log"
}

# --- register

run discord register
check 'register without a token: status 78' ended 78
check 'register: which names the variable' says 'DISCORD_TOKEN is not set'
run discord
check 'discord alone: status 64' ended 64
start_fake discord || exit 74
use_fake_discord
run discord register
check 'register: status 0' ended 0
check 'register: says what is new' [ "$(tr -s ' \n' ' ' < "$work/out")" = 'new /ask new /topics ' ]
run discord register
check 'register: nothing to change' has 'nothing to change'
check 'register: and nothing was written' is command_writes 1
unset DISCORD_APPLICATION_ID
run discord register --guild 1100000000000000050
check 'register --guild: status 0, though the application is not named' ended 0
check 'register --guild: for that server' exactly 2 /api/v10/applications/1100000000000000001/guilds/1100000000000000050/commands
run discord register --guild Bakers
check 'register --guild: a name is no id: status 64' ended 64
use_fake_discord
DISCORD_TOKEN=wrong run discord register
check 'register with a wrong token: status 78' ended 78
check 'register with a wrong token: says so' says "put the bot's token into DISCORD_TOKEN"
order /_fake/fault '{"path":"/api/v10/applications","do":"status","status":503}'
run discord register
check 'register while Discord has trouble: status 69' ended 69

# --- post

run post --discord hello
check 'post without an address: status 78' ended 78
export DISCORD_WEBHOOK_URL="http://127.0.0.1:$fake/api/webhooks/1100000000000000500/hook-token"
hook=/api/v10/webhooks/1100000000000000500/hook-token
run post --discord 'Lunch is at **noon** @everyone' more
check 'post: status 0' ended 0
check 'post: silence' [ ! -s "$work/out" ] && [ ! -s "$work/err" ]
check 'post: arrived once' exactly 1 $hook
look "/_fake/log?path=$hook"
check 'post: in bold' has '**noon**'
check 'post: nothing that looks like a ping' not has '@everyone'
check 'post: no ping is possible' has '\"allowed_mentions\":{\"parse\":[]}'
run post --discord --ask "$heat"
check 'post --ask: status 0' ended 0
check 'post --ask: the answer' came 1 $hook '**230%20degrees**'
run post --discord --ask 'who won the football match in spain yesterday'
check 'post --ask: no answer, nothing is posted: status 1' ended 1
check 'post --ask: and nothing was' exactly 2 $hook
order /_discord/too_fast '{"retry_after":0.3}'
run post --discord again
check 'post: 429 is waited for' ended 0
good=$DISCORD_WEBHOOK_URL
export DISCORD_WEBHOOK_URL="http://127.0.0.1:$fake/api/webhooks/1100000000000000501/hook-token"
run post --discord x
check 'post: a webhook that is gone: status 69' ended 69
check 'post: with what to do' says '10015 Unknown Webhook): make a new webhook'
export DISCORD_WEBHOOK_URL="$good-wrong"
run post --discord x
check 'post: a wrong token: status 69' ended 69
export DISCORD_WEBHOOK_URL=https://hooks.slack.com/services/T/B/x
run post --discord x
check 'post: an address of another place: status 78' ended 78
check 'post: which says what Discord`s look like' says 'https://discord.com/api/webhooks/'
check 'post: the address itself is not shown' not grep -qF services "$work/err"
export DISCORD_WEBHOOK_URL="$good"

# --- doctor

export DOCENT_STATE_DIR="$work/state"
run doctor
check 'doctor: all is well: status 0' ended 0
check 'doctor: the token' has 'the token is good: docent'
check 'doctor: the application' has 'the application is 1100000000000000001'
check 'doctor: the key' has 'the public key is right'
check 'doctor: the Gateway' has 'of 1000 sessions left'
check 'doctor: servers' has 'the bot is in 1 server'
check 'doctor: commands' has '/ask and /topics are registered'
check 'doctor: the webhook' has 'the webhook is there (nothing was posted)'
check 'doctor: the install link' has 'client_id=1100000000000000001&scope=bot+applications.commands&permissions=274877991936'
check 'doctor: a permission that is missing is named' has 'lacks the permission Embed Links'
check 'doctor: posts nothing' eval 'cp "$work/out" "$work/told"; exactly 0 /api/v10/channels'
cp "$work/told" "$work/out"
check 'doctor: no secret is shown' not grep -qE 'bot\.token|hook-token' "$work/out" "$work/err"
mkdir -p "$XDG_CONFIG_HOME/docent"
echo '{"discord": {"message_content": true}}' > "$XDG_CONFIG_HOME/docent/docent.json"
run doctor
check 'doctor: an intent that is off: status 1' ended 1
check 'doctor: with what to do' has '-> switch Message Content Intent on'
order /_discord/set '{"message_content":true,"remaining":20}'
run doctor
check 'doctor: it is on' has 'Message Content Intent is on'
check 'doctor: sessions that are used up' has 'only 20 are left'
rm "$XDG_CONFIG_HOME/docent/docent.json"
DISCORD_APPLICATION_ID=1100000000000000003 run doctor
check 'doctor: another application`s id' has 'is that of another application'
DISCORD_PUBLIC_KEY=$(printf '0%.0s' $(seq 64)) run doctor
check 'doctor: another application`s key' has 'DISCORD_PUBLIC_KEY is not that'
DISCORD_TOKEN=wrong run doctor
check 'doctor: a wrong token: status 1' ended 1
check 'doctor: with what to do' has "-> put the bot's token into DISCORD_TOKEN"
unset DISCORD_TOKEN DISCORD_APPLICATION_ID DISCORD_PUBLIC_KEY DISCORD_WEBHOOK_URL
run doctor
check 'doctor: not set up is no problem' ended 0
check 'nothing was done that Discord forbids' eval 'look /_discord/state; has "\"violations\":[]"'

exit $failed
