#!/bin/sh
# docent on Slack and Discord in one process is killed (kill -9) BOTH_KILLS times (30) at random moments, while questions come
# in from both. What holds for each alone (slack-kill.sh, discord-kill.sh) holds for both at once. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/slack.sh
. tests/e2e/parts/discord.sh
. tests/e2e/parts/both.sh

kills=${BOTH_KILLS:-30}
questions='[{"ask":"how hot should the oven be","has":"230 degrees"},{"ask":"how long does dough rise","has":"90 minutes"}]'
number() { sed -nE "s/.*$1=([0-9]+).*/\1/p" "$work/out"; }
more() { [ "$(account answered)" -ge "$1" ]; }
over() { look /_discord/state && has '"day":"over"'; }
settled() {
    on_slack
    look '/_slack/load/wait?answered=1&ms=0'
    [ "$(number sending)" = 0 ] || return 1
    request GET /healthz
    grep -qE '"unanswered": ?0' "$work/out" && grep -qE '"undelivered": ?0' "$work/out"
}

start_both '{"discord": {"per_minute": 0}}' || exit 74 # few people ask it all
order /_fake/silent
order /_discord/set '{"bucket":100}'
on_slack
order /_slack/timing '{"ack_ms":400,"retry_ms":[20,40,80]}'
order /_fake/silent
check 'docent starts on both' start_docent
introduce
check 'every link is up' wait_for healthy
on_slack
order /_slack/load "{\"n\":200000,\"in_flight\":10,\"open\":$((30 + 2 * kills)),\"http\":true,\"socket\":true,\"channels\":1000,\"tries\":200,
    \"drop_every\":31,\"questions\":$questions}"
on_discord
order /_discord/day '{"questions":150000,"http":true,"trouble_every":1000000,"per_turn":2}'

unsure=0 i=0 seed=$$
while [ $i -lt "$kills" ]; do
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    on_discord
    wait_for more $(($(account answered) + 1 + seed / 65536 % 40)) || break
    kill_docent
    unsure=$((unsure + $(grep -c 'outbox.unsure' "$work/log")))
    i=$((i + 1))
    start_docent || break
    introduce
    wait_for live
done
check "killed $kills times" [ $i -eq "$kills" ]
on_slack
order /_slack/load/stop
on_discord
order /_discord/day '{"stop":true}'
check 'Discord: every question is answered, or its asker was told by Discord' wait_for over
echo "# Discord: $(cut -c 1-200 "$work/out")"
check 'Discord: hundreds were answered' more $((kills * 5))
check 'Discord: none twice, and nothing was done that Discord forbids' clean
check 'what was asked is answered: nothing is left in the outbox' wait_for settled
look '/_slack/load/wait?answered=1&ms=0'
unsure=$((unsure + $(grep -c 'outbox.unsure' "$work/log")))
none=$(number none) twice=$(number twice)
echo "# Slack: $(cat "$work/out"), unsure=$unsure"
check 'Slack: hundreds were asked' [ "$(number acknowledged)" -ge $((kills * 5)) ]
check "Slack: acknowledged and never answered: $none, all of them among the $unsure on their way" [ "$none" -le "$unsure" ]
check 'Slack: none was answered twice' [ "$twice" -eq 0 ]
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]

exit $failed
