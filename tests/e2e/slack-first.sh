#!/bin/sh
# From nothing to a first answer, with the very commands of README's section on Slack, against fake_slack.
# One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/slack.sh

# The commands that the section shows, with the tokens of fake_slack in place of "…".
sed -n '/^### On Slack/,/^### On Discord/p' README.md > "$work/section"
sed -nE 's/^ {7}(.*)/\1/p' "$work/section" | sed 's/xoxb-…/xoxb-test-token/; s/xapp-…/xapp-test-token/' > "$work/commands"

start_fake slack || exit 74
export SLACK_API_URL="http://127.0.0.1:$fake/api/"
mkdir "$work/bin"
ln -s "$(cd "$programs" && pwd)/docent" "$work/bin/docent"
PATH=$work/bin:$PATH

"$docent" slack manifest > "$work/out" 2>&1
check 'the manifest is printed, and is for Socket Mode' has '"socket_mode_enabled": true'
check 'README shows three commands' [ "$(grep -cE '^(export|docent)' "$work/commands")" = 3 ]
grep '^export' "$work/commands" > "$work/tokens"
. "$work/tokens"
sh -c "$(grep '^docent doctor' "$work/commands")" > "$work/out" 2>&1
check 'docent doctor finds no problem' has '0 problems, 0 warnings'
sh -c "DOCENT_LISTEN=127.0.0.1:0 exec $(grep '^docent serve' "$work/commands")" > "$work/stdout" 2> "$work/log" 8>&- &
server=$!
check 'docent serve is connected' wait_for logged slack.socket_live
send socket events_api "$(mention 61.1 'how much do coders earn?')"
check 'a mention is answered' answered '"thread_ts":"61.1"'
look '/_fake/log?path=/api/chat.postMessage'
check 'with what the guide says' has 'Source'
send socket slash_commands "$(command 61.2 'how much do coders earn?')"
check 'a command, too' came 1 /hook/61.2 ephemeral
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]

exit $failed
