#!/bin/sh
# docent slack manifest, docent post --slack, docent doctor, against fake_slack. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/slack.sh

heat='how hot should the oven be'
ended() { [ "$status" = "$1" ]; }
says() { grep -qF -- "$1" "$work/err"; }
# run WORD...: docent with this pack; its output in out and err.
run() {
    "$docent" "$@" --pack "$work/bread" < "${input:-/dev/null}" > "$work/out" 2> "$work/err"
    status=$?
    cp "$work/err" "$work/log"
}

# --- manifest

run slack manifest
check 'manifest: status 0' ended 0
check 'manifest: Socket Mode' has '"socket_mode_enabled": true'
check 'manifest: without an address' not has url
check 'manifest: the scopes' has '["channels:history", "app_mentions:read", "chat:write", "commands", "im:history"]'
run slack manifest --http --url https://faq.example.org/ --name 'Bread "bot"'
check 'manifest --http: the three addresses' [ "$(grep -c 'https://faq.example.org/slack/' "$work/out")" = 3 ]
check 'manifest --name: quoted' has '"name": "Bread \"bot\""'
run slack manifest --http
check 'manifest --http without --url: status 64' ended 64
run slack manifest --http --url http://faq.example.org
check 'manifest: an address that is not https: status 64' ended 64
check 'manifest: which says why' says 'must begin with https://'
run slack manifest --name "$(printf 'x%.0s' $(seq 36))"
check 'manifest: a name that is too long: status 64' ended 64
run slack
check 'slack alone: status 64' ended 64
mkdir -p "$XDG_CONFIG_HOME/docent"
echo '{"slack": {"command": "/brot", "threads": false}}' > "$XDG_CONFIG_HOME/docent/docent.json"
run slack manifest
check 'manifest: the command of the settings' has '"command": "/brot"'
check 'manifest: no more scopes than the settings need' not has channels:history
rm "$XDG_CONFIG_HOME/docent/docent.json"

# --- post

run post --slack hello
check 'post without an address: status 78' ended 78
check 'post: which names the variable' says 'SLACK_WEBHOOK_URL is not set'
start_fake slack || exit 74
use_fake_slack
hook=/services/T1/B1/secret-part
export SLACK_WEBHOOK_URL="http://127.0.0.1:$fake$hook"
run post --slack 'Lunch is at **noon** <!channel> &' more
check 'post: status 0' ended 0
check 'post: silence' [ ! -s "$work/out" ] && [ ! -s "$work/err" ]
check 'post: arrived once' exactly 1 $hook
look "/_fake/log?path=$hook"
check 'post: in bold, mentioning nobody' has 'Lunch is at *noon* &lt;!channel&gt; &amp; more'
printf 'One.\n\n- two\n' > "$work/in"
input=$work/in
run post --slack -
input=''
check 'post -: reads standard input' came 1 $hook 'One.\n\n%E2%80%A2%20two'
run post --slack --ask "$heat"
check 'post --ask: status 0' ended 0
check 'post --ask: the answer' came 1 $hook '*230%20degrees*'
check 'post --ask: the question above it' exactly 1 $hook "$(echo "$heat" | sed 's/ /%20/g')\\n"
check 'post --ask: no buttons, which nobody would hear' exactly 0 $hook docent_
run post --slack --ask 'who won the football match in spain yesterday'
check 'post --ask: no answer, nothing is posted: status 1' ended 1
check 'post --ask: and nothing was' exactly 3 $hook

fault() { order /_fake/fault "{\"path\":\"$hook\",\"do\":\"status\",$1}"; }
fault '"status":429,"retry_after":1'
run post --slack again
check 'post: 429 is waited for' ended 0
fault '"status":404,"body":"no_service"'
run post --slack x
check 'post: no_service: status 69' ended 69
check 'post: with what to do' says 'no_service): the webhook was removed or switched off: make a new one'
fault '"status":403,"body":"action_prohibited"'
run post --slack x
check 'post: action_prohibited' says 'an administrator of the workspace has restricted'
order /_fake/fault "{\"path\":\"$hook\",\"do\":\"close\"}"
run post --slack unsure
check 'post: a connection that breaks: status 75' ended 75
check 'post: not sent again, since it may be there' exactly 1 $hook unsure
order /_fake/fault "{\"path\":\"$hook\",\"do\":\"status\",\"status\":302,\"times\":1}"
run post --slack x
check 'post: a redirect is not followed' ended 69
check 'post: the address is never shown' not grep -q secret-part "$work/err"
SLACK_WEBHOOK_URL=https://evil.example/services/T1 run post --slack x
check 'post: an address that is not Slack`s: status 78' ended 78
run post --slack
check 'post: neither text nor question: status 64' ended 64
run post hello
check 'post: no place: status 64' ended 64
run post --slack --discord hello
check 'post: two places: status 64' ended 64
run post --slack ''
check 'post: an empty text: status 65' ended 65

# --- doctor

run doctor
check 'doctor: all is well: status 0' ended 0
check 'doctor: the bot and its workspace' has 'the bot token is good: docent in Example'
check 'doctor: the scopes' has 'has the scopes that docent needs'
check 'doctor: the app token' has 'the app token is good'
check 'doctor: the signing secret' has 'the signing secret is there'
check 'doctor: the webhook, posting nothing' has 'the webhook is there (nothing was posted)'
check 'doctor: no problems' has '0 problems'
order /_slack/token '{"bot":"invalid_auth","app":"forbidden_team"}'
fault '"status":404,"body":"no_service"'
run doctor
check 'doctor: problems: status 1' ended 1
check 'doctor: a dead bot token' has 'Slack refuses SLACK_BOT_TOKEN: invalid_auth'
check 'doctor: and what to do' has '-> copy the bot token from the app'
check 'doctor: a dead app token' has 'Slack refuses SLACK_APP_TOKEN: forbidden_team'
check 'doctor: a dead webhook' has 'the webhook does not work: no_service'
check 'doctor: three problems' has '3 problems'
order /_slack/token '{"bot":"","app":""}'
order /_fake/fault '{"path":"/api/auth.test","do":"header","body":"Date: Wed, 01 Jan 2020 00:00:00 GMT"}'
run doctor
check 'doctor: a clock that is wrong' has 'seconds ahead'
order /_fake/fault '{"path":"/api/auth.test","do":"header","body":"X-OAuth-Scopes: commands,chat:write"}'
run doctor
check 'doctor: a scope that is missing' has 'the bot token lacks the scope im:history'
order /_fake/fault '{"path":"/api/auth.test","do":"status","status":503}'
run doctor
check 'doctor: Slack has trouble: a warning, status 0' eval 'ended 0 && has "http 503"'
SLACK_API_URL=http://127.0.0.1:1/api/ run doctor
check 'doctor: nobody there' has 'Slack cannot be reached'
SLACK_BOT_TOKEN=xapp-wrong run doctor
check 'doctor: tokens mixed up' has 'SLACK_BOT_TOKEN does not begin with xoxb-'
env -u SLACK_APP_TOKEN -u SLACK_SIGNING_SECRET "$docent" doctor --pack "$work/bread" > "$work/out" 2>&1
check 'doctor: no way in' has 'docent hears nothing of Slack'
env -u SLACK_BOT_TOKEN "$docent" doctor --pack "$work/bread" > "$work/out" 2>&1
check 'doctor: a token that is missing' has 'SLACK_BOT_TOKEN is not set'
env -u SLACK_BOT_TOKEN -u SLACK_APP_TOKEN -u SLACK_SIGNING_SECRET -u SLACK_WEBHOOK_URL "$docent" doctor --pack "$work/bread" > "$work/out" 2>&1
status=$?
check 'doctor: nothing set up is no problem' eval 'ended 0 && has "not set up"'
check 'doctor: and what it takes' eval 'has "docent slack manifest" && has "into DISCORD_TOKEN"'
DOCENT_CA_FILE="$work/none.pem" run doctor
check 'doctor: certificates that are not there' eval 'ended 1 && has "ca_file cannot be read: $work/none.pem"'
"$docent" doctor --pack "$work/none" > "$work/out" 2>&1
check 'doctor: packs that are not there' has 'the packs cannot be read'
DOCENT_STATE_DIR=/dev/null/x run doctor
check 'doctor: a folder that cannot be' has 'set DOCENT_STATE_DIR'
check 'doctor: no secret is shown' not grep -qE 'xoxb-test|xapp-test|secret-part' "$work/out"

exit $failed
