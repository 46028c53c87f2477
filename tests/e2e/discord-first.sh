#!/bin/sh
# From nothing to a first answer, with the very commands of README's section on Discord, against fake_discord.
# One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/discord.sh

# The commands that the section shows, with the token of fake_discord in place of "…".
sed -n '/^### On Discord/,/^### Posting/p' README.md > "$work/section"
sed -nE 's/^ {7}(.*)/\1/p' "$work/section" | sed 's/DISCORD_TOKEN=…/DISCORD_TOKEN=bot.token-for_tests/' > "$work/commands"
# shown COMMAND: as README shows it
shown() { grep "^docent $1" "$work/commands"; }

start_fake discord || exit 74
export DISCORD_API_URL="http://127.0.0.1:$fake/api/v10/"
mkdir "$work/bin"
ln -s "$(cd "$programs" && pwd)/docent" "$work/bin/docent"
PATH=$work/bin:$PATH

check 'README shows four commands' [ "$(grep -cE '^(export|docent)' "$work/commands")" = 4 ]
grep '^export' "$work/commands" > "$work/token"
. "$work/token"
sh -c "$(shown doctor)" > "$work/out" 2>&1
check 'docent doctor finds no problem' has '0 problems'
check '… and prints the link that puts docent into a server' has 'https://discord.com/oauth2/authorize?client_id='
check '… and says what to do next' has 'run: docent discord register'
sh -c "$(shown 'discord register')" > "$work/out" 2>&1
check 'docent discord register' has '/ask'
sh -c "DOCENT_LISTEN=127.0.0.1:0 exec $(shown serve)" > "$work/stdout" 2> "$work/log" 8>&- &
server=$!
check 'docent serve is connected' wait_for live
say '"content":"how much do coders earn?"'
check 'a mention is answered' answered "$id" '42,000'
check 'with what the guide says' answered "$id" 'Source'
interact '"question":"how much do coders earn?"'
check '/ask is answered' answered "$id" '42,000'
interact '"kind":"typing","question":"how much do c"'
check 'what is typed is completed' answered "$id" 'choices":[{"name":"How much do '
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]

exit $failed
