#!/bin/sh
# docent on Slack, against fake_slack: questions of every kind, over both transports. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/slack.sh

heat='how hot should the oven be'

check 'fake_slack starts' start_fake slack
use_fake_slack
check 'docent starts' start_docent
order /_slack/docent "{\"port\":$port}"
check 'it says hello to Socket Mode' wait_for logged 'slack.socket_live'
check 'every link is up' wait_for healthy
check 'healthz names the socket' has '"socket 1"'

# --- the same over both transports

for via in http socket; do
    t=$([ $via = http ] && echo 17 || echo 27)
    send $via events_api "$(mention "$t.1" "$heat")"
    check "$via: a mention is acknowledged" acknowledged
    check "$via: and answered" answered "\"thread_ts\":\"$t.1\""
    look "/_fake/log?path=/api/chat.postMessage&has=\"thread_ts\":\"$t.1\""
    check "$via: with the fact, in bold" has 'Bake at *230 degrees*.'
    check "$via: with its source, escaped" has 'The oven &amp; its &lt;heat&gt;'
    check "$via: with the next question as a button" has 'docent_ask_0'
    check "$via: unfurling nothing" has '\"unfurl_links\":false,\"unfurl_media\":false'

    send $via events_api "$(message "$t.2" 'how long does dough rise' ",\"thread_ts\":\"$t.1\"")"
    check "$via: a follow-up in the thread is answered without a mention" answered 90%20minutes "$([ $via = http ] && echo 1 || echo 2)"
    send $via events_api "$(message "$t.3" "$heat")"
    check "$via: a message that names nobody is acknowledged" acknowledged
    send $via events_api "$(message "$t.4" "$heat" ',"thread_ts":"3.3"')"
    check "$via: one in somebody else's thread, too" acknowledged

    send $via events_api "$(direct "$t.5" "$heat")"
    check "$via: a direct message is answered" answered '"channel":"D1","text"' "$([ $via = http ] && echo 1 || echo 2)"

    send $via slash_commands "$(command "$t.6" "$heat")"
    check "$via: a command is acknowledged" acknowledged
    check "$via: and answered to one person" came 1 "/hook/$t.6" ephemeral
    check "$via: with a button to share it" exactly 1 "/hook/$t.6" docent_share
    send $via slash_commands "$(command "$t.7" help)"
    check "$via: /ask help is answered at once" has 'I answer questions about *Bread*'

    of="{\\\\\"of\\\\\":\\\\\"slack:T0DOCENT1:command:$t.6\\\\\",\\\\\"intent\\\\\":\\\\\"heat\\\\\"}"
    send $via interactive "$(click "$t.8" docent_share "$(printf '%b' "$of")" '"is_ephemeral":true')"
    check "$via: Share is acknowledged" acknowledged
    check "$via: and posts to everybody" came 1 "/hook/$t.8" in_channel
    check "$via: saying who asked what" exactly 1 "/hook/$t.8" "asked:%20$(echo "$heat" | sed 's/ /%20/g')"

    send $via interactive "$(click "$t.9" docent_ask_0 'How long does dough rise?')"
    check "$via: a click on the next question is acknowledged" acknowledged
    check "$via: and answered in the thread" answered 'asked:%20How%20long' "$([ $via = http ] && echo 1 || echo 2)"

    send $via interactive "$(click "$t.10" docent_helpful "$(printf '%b' "$of")")"
    check "$via: helpful is acknowledged" acknowledged
    check "$via: with thanks to one person" came 1 "/hook/$t.10" 'Thank%20you!'
    send $via interactive "$(click "$t.11" docent_unhelpful "$(printf '%b' "$of")")"
    check "$via: not helpful, too" came 1 "/hook/$t.11" 'Your%20vote'

    # what is no question for docent
    before=$(look '/_fake/count?path=/api/chat.postMessage' && cat "$work/out")
    send $via events_api "$(event Eb1 '"type":"app_mention","user":"U7","bot_id":"B7","channel":"C1","ts":"5.1","text":"<@U0DOCENT1> '"$heat"'"')"
    check "$via: a bot is acknowledged" acknowledged
    send $via events_api "$(event Eb2 '"type":"message","channel_type":"im","user":"U0DOCENT1","bot_id":"B0DOCENT1","channel":"D1","ts":"5.2","text":"'"$heat"'"')"
    send $via events_api "$(event Eb3 '"type":"message","subtype":"message_changed","channel":"C1","ts":"5.3","message":{"user":"U1","text":"<@U0DOCENT1> '"$heat"'"}')"
    send $via events_api "$(event Eb4 '"type":"reaction_added","user":"U1"')"
    send $via events_api "$(mention "$t.1" "$heat")"
    check "$via: a redelivery is acknowledged" acknowledged
    send $via events_api "$(message "$t.1" "<@U0DOCENT1> $heat")"
    send $via interactive "$(click "$t.9" docent_ask_0 'How long does dough rise?')"
    send $via events_api "$(direct "$t.20" 'hello')"
    check "$via: what comes after all that is answered" answered 'Hello%20baker' "$([ $via = http ] && echo 1 || echo 2)"
    check "$via: and nothing of all that was" exactly $((before + 1)) /api/chat.postMessage
done

# --- leaving

check 'nobody`s words are in the log' not logged 'how hot'
check 'no token is in the log' not logged 'xoxb-|xapp-|/hook/|ticket='
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]
check 'after a close of its socket' came 1 '' 1000

exit $failed
