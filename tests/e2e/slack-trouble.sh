#!/bin/sh
# docent on a bad day of Slack's: connections that end in every way, 429, 5xx, broken answers, restarts.
# One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/slack.sh

heat='how hot should the oven be'
sockets() { look "/_fake/wait?kind=ws.open&count=$1&ms=${2:-15000}"; }
closed() { look "/_fake/wait?kind=ws.close&count=$1&ms=15000"; }
live_again() { wait_for logged_times "$1" slack.socket_live; }
logged_times() { [ "$(grep -c "$2" "$work/log")" -ge "$1" ]; }
asks_and_is_answered() {
    send socket events_api "$(mention "$1" "$heat")" '"tries":9'
    answered "\"thread_ts\":\"$1\""
}

start_fake slack || exit 74
use_fake_slack
order /_slack/timing '{"ack_ms":1000,"retry_ms":[0,100,200]}'

# --- Slack is not there at first

order /_fake/fault '{"path":"/api/auth.test","do":"status","status":503}'
order /_fake/fault '{"path":"/api/apps.connections.open","do":"status","status":429,"retry_after":1}'
start_docent
order /_slack/docent "{\"port\":$port}"
send http events_api "$(mention 40.1 "$heat")"
check 'before Slack has said who docent is, it takes nothing' grep -q '^503' "$work/out"
check 'it asks again' wait_for logged slack.connected
check 'and opens a socket as soon as it may' live_again 1
check 'every link is up' wait_for healthy

# --- connections

n=1
for reason in refresh_requested warning something_new; do
    order /_slack/disconnect "{\"reason\":\"$reason\",\"close_ms\":1500}"
    n=$((n + 1))
    check "$reason: a new connection is opened" sockets $n
    check "$reason: and lives" live_again 1
    check "$reason: questions are answered" asks_and_is_answered "41.$n"
done
check 'nothing was ever down' not logged slack.socket_down

for way in reset hang_up half_frame '{"do":"close","code":1011,"reason":"trouble"}'; do
    before=$(grep -c slack.socket_live "$work/log")
    case $way in {*) body=$way ;; *) body="{\"do\":\"$way\"}" ;; esac
    order /_fake/ws "$body"
    check "$body: it comes back" live_again $((before + 1))
    check "$body: and answers" asks_and_is_answered "42.$before"
done

for frame in '{"do":"binary","text":"x"}' '{"do":"text","text":"{\"type\":"}' '{"do":"text","text":"[1,2"}' \
    '{"do":"text","text":"{\"type\":\"brand_new\"}"}' '{"do":"ping","text":"are you there"}' '{"do":"big","bytes":1000000}'; do
    order /_fake/ws "$frame"
done
check 'pings are answered with what they said' look '/_fake/wait?kind=ws.pong&has=are%20you%20there'
order /_fake/ws "{\"do\":\"fragments\",\"text\":\"{\\\"envelope_id\\\":\\\"frag\\\",\\\"type\\\":\\\"events_api\\\",\\\"payload\\\":$(mention 43.1 "$heat" | sed 's/"/\\"/g')}\"}"
check 'a message in fragments, a ping between, is answered' answered '"thread_ts":"43.1"'
check 'and acknowledged' look '/_fake/wait?kind=ws.text&has=frag'
check 'none of it ended the connection' [ "$(grep -c slack.socket_down "$work/log")" = 4 ]

before=$(grep -c slack.socket_live "$work/log")
order /_slack/disconnect '{"reason":"link_disabled"}'
check 'link_disabled: it says what is wrong' wait_for logged 'Socket Mode is switched off'
check 'and is not healthy' not healthy
check 'but answers over HTTP' eval 'send http events_api "$(mention 44.1 "$heat")"; answered "\"thread_ts\":\"44.1\""'
stop_docent
start_docent
order /_slack/docent "{\"port\":$port}"
check 'after a restart it is there' live_again 1
order /_slack/disconnect '{"reason":"too_many_websockets"}'
check 'too_many_websockets: it says so' wait_for logged 'too many connections'
check 'and closes that one' closed 1
stop_docent

# --- several connections

mkdir -p "$XDG_CONFIG_HOME/docent"
echo '{"slack": {"connections": 3, "channel_gap_ms": 1}}' > "$XDG_CONFIG_HOME/docent/docent.json"
start_docent
check 'three connections, when asked for' wait_for logged_times 3 slack.socket_live
check 'every link is up' wait_for healthy
check 'healthz names them' has '"socket 3"'
order /_fake/ws "{\"do\":\"reset\",\"conn\":$(look '/_fake/log?kind=ws.open' && tail -n 1 "$work/out" | sed -E 's/.*"conn":([0-9]+).*/\1/')}"
check 'one breaks' wait_for logged slack.socket_down
check 'questions are answered all the same' asks_and_is_answered 45.1
check 'and it comes back' wait_for logged_times 4 slack.socket_live
stop_docent
check 'SIGTERM closes all of them' [ "$status" = 0 ]

# --- what becomes of a post

start_docent
order /_slack/docent "{\"port\":$port}"
live_again 1
try() {
    what=$1 ts=$2 times=$3
    shift 3
    order /_fake/fault "$*"
    send http events_api "$(mention "$ts" "$heat")"
    check "$what: the question is acknowledged" acknowledged
    came "$times" /api/chat.postMessage "\"thread_ts\":\"$ts\"" || true
    check "$what: sent $times times" exactly "$times" /api/chat.postMessage "\"thread_ts\":\"$ts\""
}
try '429' 51.1 2 '{"path":"/api/chat.postMessage","do":"status","status":429,"retry_after":1}'
try '5xx with a page of HTML' 51.2 2 '{"path":"/api/chat.postMessage","do":"status","status":502}'
try 'a slow answer' 51.3 1 '{"path":"/api/chat.postMessage","do":"slow","delay_ms":700}'
try 'blocks refused: once more as text' 51.4 2 '{"path":"/api/chat.postMessage","do":"status","status":200,"body":"{\"ok\":false,\"error\":\"invalid_blocks\"}"}'
look '/_fake/log?path=/api/chat.postMessage&has="thread_ts":"51.4"'
check 'without blocks' [ "$(grep -c '\\"blocks\\"' "$work/out")" = 1 ]
try 'trouble of Slack`s own' 51.5 2 '{"path":"/api/chat.postMessage","do":"status","status":200,"body":"{\"ok\":false,\"error\":\"internal_error\"}"}'
try 'a channel that is gone' 51.6 1 '{"path":"/api/chat.postMessage","do":"status","status":200,"body":"{\"ok\":false,\"error\":\"channel_not_found\"}"}'
try 'a missing scope' 51.7 1 '{"path":"/api/chat.postMessage","do":"status","status":200,"body":"{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"chat:write\"}"}'
check 'which is named, with what to do' wait_for logged 'slack.not_allowed.*chat:write.*install the app again'
try 'cut off: not sent again, since it may be there' 51.8 1 '{"path":"/api/chat.postMessage","do":"cut"}'
check 'and counted' eval 'request GET /metrics; grep -q "^docent_unsure_total.* 1$" "$work/out"'
try 'an answer that is no JSON: likewise' 51.9 1 '{"path":"/api/chat.postMessage","do":"garbage"}'
send http events_api "$(mention 52.1 "$heat")"
check 'after all this it answers' answered '"thread_ts":"52.1"'

# --- restarts

order /_fake/fault '{"path":"/api/chat.postMessage","do":"status","status":429,"retry_after":60}'
send http events_api "$(mention 53.1 "$heat")"
check 'told to wait for a minute, docent has it' came 1 /api/chat.postMessage '"thread_ts":"53.1"'
kill_docent
start_docent
order /_slack/docent "{\"port\":$port}"
check 'kill -9 and a start: it is answered' came 2 /api/chat.postMessage '"thread_ts":"53.1"'
wait_for healthy
send http events_api "$(mention 53.1 "$heat")"
check 'its redelivery is acknowledged' acknowledged
send http events_api "$(message 53.2 'how long does dough rise' ',"thread_ts":"53.1"')"
check 'the thread goes on' answered '"thread_ts":"53.1"' 3
kill_docent

# --- dead tokens

order /_slack/token '{"bot":"invalid_auth"}'
"$docent" serve --pack "$work/bread" --listen 127.0.0.1:0 > /dev/null 2> "$work/log"
status=$?
check 'a dead bot token ends it with status 78' [ $status = 78 ]
check 'saying which and what to do' logged 'SLACK_BOT_TOKEN: invalid_auth.*install the app again'
order /_slack/token '{"bot":"","app":"not_allowed_token_type"}'
"$docent" serve --pack "$work/bread" --listen 127.0.0.1:0 > /dev/null 2> "$work/log"
status=$?
check 'a wrong app token, too' [ $status = 78 ]
check 'saying which kind it must be' logged 'SLACK_APP_TOKEN: not_allowed_token_type.*xapp-'
SLACK_APP_TOKEN=xoxb-mixed-up "$docent" serve --pack "$work/bread" --listen 127.0.0.1:0 > "$work/out" 2>&1
check 'tokens that are mixed up are noticed at once' has 'begins with xapp-'

exit $failed
