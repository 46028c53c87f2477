#!/bin/sh
# docent is killed (kill -9) SLACK_KILLS times (100) at random moments, while questions of every kind come in over both
# transports. No question that was acknowledged is lost, and none is answered twice; but where a post was on its way at
# that moment, nobody knows whether it arrived: those are not sent again, and docent counts them. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/slack.sh

kills=${SLACK_KILLS:-100}
questions='[{"ask":"how hot should the oven be","has":"230 degrees"},{"ask":"how long does dough rise","has":"90 minutes"}]'
# Slack has nothing to send any more, and docent neither.
settled() {
    look '/_slack/load/wait?answered=1&ms=0'
    [ "$(number sending)" = 0 ] || return 1
    request GET /healthz
    grep -qE '"unanswered": ?0' "$work/out" && grep -qE '"undelivered": ?0' "$work/out"
}
number() { sed -nE "s/.*$1=([0-9]+).*/\1/p" "$work/out"; }

start_fake slack || exit 74
use_fake_slack
order /_slack/timing '{"ack_ms":400,"retry_ms":[20,40,80]}'
order /_fake/silent
check 'docent starts' start_docent
order /_slack/docent "{\"port\":$port}"
wait_for healthy
# As many as may be open, and as many again as are never answered, or none would be asked any more.
order /_slack/load "{\"n\":200000,\"in_flight\":20,\"open\":$((60 + 2 * kills)),\"http\":true,\"socket\":true,\"channels\":1000,\"tries\":200,
    \"drop_every\":31,\"questions\":$questions}"

unsure=0 i=0 answered=0 seed=$$
while [ $i -lt "$kills" ]; do
    i=$((i + 1))
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    look "/_slack/load/wait?answered=$((answered + 1 + seed / 65536 % 60))&ms=10000" || break
    kill_docent
    unsure=$((unsure + $(grep -c 'outbox.unsure' "$work/log")))
    cat "$work/log" >> "$work/logs"
    look '/_slack/load/wait?answered=1&ms=0'
    answered=$(number answered)
    start_docent || break
    order /_slack/docent "{\"port\":$port}"
done
check "killed $kills times" [ $i -eq "$kills" ]
order /_slack/load/stop
check 'what was asked is answered: nothing is left in the outbox' wait_for settled
look '/_slack/load/wait?answered=1&ms=0'
cp "$work/out" "$work/report"
unsure=$((unsure + $(grep -c 'outbox.unsure' "$work/log")))
none=$(number none) twice=$(number twice)
echo "# $(cat "$work/report"), unsure=$unsure"
check 'hundreds of questions were asked' [ "$(number acknowledged)" -ge $((kills * 10)) ]
check "acknowledged and never answered: $none, all of them among the $unsure that were on their way" [ "$none" -le "$unsure" ]
check 'none was answered twice' [ "$twice" -eq 0 ]
check 'none was answered wrongly' grep -q 'wrong=0 strange=0' "$work/report"
check 'not more were on their way than connections carry' [ "$unsure" -le $((kills * 10)) ]
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]

exit $failed
