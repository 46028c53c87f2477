#!/bin/sh
# docent is killed (kill -9) DISCORD_KILLS times (15) at random moments, while questions of every kind come in. No question
# that was acknowledged is lost, and none is answered twice. What Discord itself tells the asker did not work (an interaction
# that waited for more than its three seconds, a request that got no reply) is none of docent's. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/discord.sh

kills=${DISCORD_KILLS:-15}
more() { [ "$(account answered)" -ge "$1" ]; }

start_fake discord || exit 74
use_fake_discord
mkdir -p "$XDG_CONFIG_HOME/docent"
echo '{"discord": {"per_minute": 0}}' > "$XDG_CONFIG_HOME/docent/docent.json" # few people ask it all
order /_fake/silent
order /_discord/set '{"bucket":100}'
check 'docent starts' start_docent
order /_discord/set "{\"docent_port\":$port}"
wait_for live
order /_discord/day '{"questions":150000,"http":true,"trouble_every":1000000,"per_turn":3}'

i=0 seed=$$
while [ $i -lt "$kills" ]; do
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    wait_for more $(($(account answered) + 1 + seed / 65536 % 60)) || break
    kill_docent
    cat "$work/log" >> "$work/logs"
    i=$((i + 1))
    start_docent || break
    order /_discord/set "{\"docent_port\":$port}"
    wait_for live
done
check "killed $kills times" [ $i -eq "$kills" ]
order /_discord/day '{"stop":true}'
over() { look /_discord/state && has '"day":"over"'; }
check 'every question is answered, or its asker was told by Discord' wait_for over
echo "# $(cut -c 1-400 "$work/out")"
check 'hundreds were answered' more $((kills * 10))
check 'few were too late' [ "$(account expired)" -le $((kills * 60)) ]
check 'none was answered twice, and nothing was done that Discord forbids' clean
check 'sessions went on' [ "$(account resumed)" -ge $((kills / 2)) ]
request GET /healthz
check 'nothing is left in the outbox' eval 'grep -qE "\"unanswered\": ?0" "$work/out" && grep -qE "\"undelivered\": ?0" "$work/out"'
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]

exit $failed
