#!/bin/sh
# What docent must not believe: requests that are forged, stale, replayed, truncated, too large or nonsense.
# One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/slack.sh

heat='how hot should the oven be'
refused() { grep -qx '401 ' "$work/out"; }
strange() { grep -qx '400 ' "$work/out"; }
fine() { grep -qx '200 ' "$work/out"; }

start_fake slack || exit 74
use_fake_slack
unset SLACK_APP_TOKEN
check 'docent starts with events over HTTP alone' start_docent
order /_slack/docent "{\"port\":$port}"
check 'and is ready once Slack has said who it is' wait_for healthy

# --- signatures

for sign in bad none upper v1; do
    send http events_api "$(mention 31.1 "$heat")" "\"sign\":\"$sign\""
    check "a signature that is $sign is refused, with nothing to read" refused
    send http slash_commands "$(command 31.2 "$heat")" "\"sign\":\"$sign\""
    check "of a command, too: $sign" refused
    send http interactive "$(click 31.3 docent_ask_0 "$heat")" "\"sign\":\"$sign\""
    check "of a click, too: $sign" refused
done
send http events_api "$(mention 31.4 "$heat")" '"age_s":310'
check 'a stale request is refused' refused
send http events_api "$(mention 31.4 "$heat")" '"age_s":-310'
check 'one from the future is refused' refused
send http events_api "$(mention 31.4 "$heat")" '"truncate":1'
check 'a truncated one is refused' refused
send http events_api "$(mention 31.4 "$heat")" '"truncate":100000'
check 'one without its body is refused' refused
check 'none of all these was answered' exactly 0 /api/chat.postMessage
check 'and they are counted' eval 'request GET /metrics; has "docent_refused_total{platform=\"slack\",reason=\"signature\"} 16"'

send http events_api "$(mention 32.1 "$heat")" '"age_s":290'
check 'one within five minutes is taken' fine
check 'and answered' answered '"thread_ts":"32.1"'
send http events_api "$(mention 32.1 "$heat")" '"age_s":290'
check 'the same once more (replayed) is acknowledged' fine
send http events_api "$(mention 32.1 "$heat")" '"tries":3' '"drop":true'
check 'and however often Slack repeats it' fine
send http events_api "$(mention 32.2 "$heat")"
check 'a later one is answered' answered '"thread_ts":"32.2"'
check 'the one before was answered once' exactly 1 /api/chat.postMessage '"thread_ts":"32.1"'

# --- sizes and nonsense

head -c 1100000 /dev/zero | tr '\0' x > "$work/large"
"$programs/fake_call" "$port" POST /slack/events -i - < "$work/large" > "$work/out" 2> /dev/null
check 'a request over 1 MiB is refused unread' grep -q '^413' "$work/out"
send http events_api '{}' "\"raw\":\"{\\\"type\\\":\\\"event_callback\\\"\""
check 'broken JSON, well signed' strange
send http events_api '{}' "\"raw\":\"$(printf '[%.0s' $(seq 5000))\""
check 'JSON 5,000 deep' strange
send http events_api '{"type":"event_callback","team_id":"T1","event":{"type":"app_mention","user":"U1"}}'
check 'an event without its channel' strange
send http events_api '{}' '"raw":"a=b"' '"content_type":"text/plain"'
check 'another type of content' strange
send http slash_commands '{"command":"/ask","text":"x"}'
check 'a command without its fields' strange
send http slash_commands "$(command 33.1 "$heat" | sed 's/127.0.0.1/127.0.0.2/')"
check 'a response_url that is not Slack`s' strange
check 'is not followed' exactly 0 /hook/
request GET /slack/events
check 'GET has status 405' [ "$status" = 405 ]

# --- what Slack asks of an address

send http events_api '{"type":"url_verification","token":"x","challenge":"3eZbrw1aB-x"}'
check 'the challenge comes back as it is' grep -qx '200 3eZbrw1aB-x' "$work/out"
send http events_api '{"type":"url_verification","challenge":"x"}' '"sign":"bad"'
check 'a forged one does not' refused
send http events_api "{\"type\":\"url_verification\",\"challenge\":\"$(printf 'x%.0s' $(seq 1025))\"}"
check 'nor does one over 1,024 bytes' strange
send http slash_commands '{}' '"raw":"ssl_check=1&token=x"' '"sign":"none"'
check 'ssl_check needs no signature' fine
send http slash_commands '{}' "\"raw\":\"ssl_check=1&command=%2Fask&text=$(echo "$heat" | tr ' ' +)&team_id=T1&channel_id=C1&user_id=U1&trigger_id=9.9&response_url=http%3A%2F%2F127.0.0.1%3A$fake%2Fhook%2Fssl\"" '"sign":"none"'
check 'and smuggles nothing in' fine
send http events_api '{"type":"app_rate_limited","team_id":"T1","minute_rate_limited":1767225600}'
check 'app_rate_limited is acknowledged' fine
send http events_api "$(mention 34.1 "$heat")"
check 'after all this docent answers' answered '"thread_ts":"34.1"'
check 'and has asked nothing of that one hook' exactly 0 /hook/ssl

exit $failed
