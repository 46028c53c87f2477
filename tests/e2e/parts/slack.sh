# shellcheck shell=sh
# What happens on Slack, for tests against fake_slack; to be read behind fake.sh.

# use_fake_slack: docent finds it, with both transports.
use_fake_slack() {
    export SLACK_API_URL="http://127.0.0.1:$fake/api/" SLACK_BOT_TOKEN=xoxb-test-token SLACK_APP_TOKEN=xapp-test-token \
        SLACK_SIGNING_SECRET=docent-test-signing-secret-0001
}

# send VIA TYPE PAYLOAD [MEMBER...]: something happens on Slack; "STATUS BODY" of docent's answer in out.
send() {
    via=$1 type=$2 payload=$3
    shift 3
    order /_slack/send "{\"via\":\"$via\",\"type\":\"$type\",\"payload\":$payload$(printf ',%s' "$@" | sed 's/^,$//')}"
}
acknowledged() { grep -q '^200' "$work/out"; }
answered() { came "${2:-1}" /api/chat.postMessage "$1"; }

# event ID MEMBERS: an event of the Events API. U1 wrote it unless MEMBERS says otherwise.
event() {
    printf '{"type":"event_callback","team_id":"T0DOCENT1","api_app_id":"A0DOCENT1","event_id":"%s","event":{%s}}' "$1" "$2"
}
mention() { event "Ev$1" '"type":"app_mention","user":"U1","channel":"C1","ts":"'"$1"'","text":"<@U0DOCENT1> '"$2"'"'; }
message() { event "Em$1" '"type":"message","channel_type":"channel","user":"U1","channel":"C1","ts":"'"$1"'","text":"'"$2"'"'"${3:-}"; }
direct() { event "Ed$1" '"type":"message","channel_type":"im","user":"U1","channel":"D1","ts":"'"$1"'","text":"'"$2"'"'; }
command() {
    printf '{"team_id":"T0DOCENT1","channel_id":"C1","user_id":"U1","command":"/ask","text":"%s","trigger_id":"%s"' "$2" "$1"
    printf ',"response_url":"http://127.0.0.1:%s/hook/%s"}' "$fake" "$1"
}
# click ID ACTION VALUE [CONTAINER]
click() {
    printf '{"type":"block_actions","team":{"id":"T0DOCENT1"},"user":{"id":"U1"},"container":{"message_ts":"%s",' "$1"
    printf '"channel_id":"C1",%s},"response_url":"http://127.0.0.1:%s/hook/%s",' \
        "${4:-"\"is_ephemeral\":false,\"thread_ts\":\"17.1\""}" "$fake" "$1"
    printf '"actions":[{"type":"button","action_id":"%s","value":"%s"}]}' "$2" "$3"
}

