#!/bin/sh
# A day of docent on Slack, played fast: SLACK_DAY questions (10,000; at least 5,000) of every kind over both transports, with refreshes,
# connections that break, acknowledgements that are lost, 429s and 5xx. Each is answered exactly once, and the process
# does not grow. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/slack.sh

day=${SLACK_DAY:-10000}
first=1000
questions='[{"ask":"how hot should the oven be","has":"230 degrees"},{"ask":"how long does dough rise","has":"90 minutes"}]'

# kilobytes of memory that docent has in use
resident() { [ ! -r "/proc/$server/status" ] || awk '/^VmRSS/ { print $2 }' "/proc/$server/status"; }

# ask N: so many more, until all are answered. The report is in out.
ask() {
    order /_slack/load "{\"n\":$1,\"in_flight\":60,\"open\":300,\"http\":true,\"socket\":true,\"channels\":1000,\"tries\":9,
        \"drop_every\":41,\"refresh_every\":700,\"break_every\":1100,\"questions\":$questions}"
    look '/_slack/load/wait?ms=110000'
}

start_fake slack || exit 74
use_fake_slack
order /_slack/timing '{"ack_ms":3000,"retry_ms":[0,100,300]}'
order /_fake/silent
order /_fake/fault '{"path":"/api/chat.postMessage","do":"status","status":429,"retry_after":1,"skip":300,"every":2000,"times":-1}'
order /_fake/fault '{"path":"/api/chat.postMessage","do":"status","status":503,"skip":100,"every":500,"times":-1}'
order /_fake/fault '{"path":"/hook/q","do":"status","status":429,"retry_after":1,"every":700,"times":-1}'
order /_fake/fault '{"path":"/api/apps.connections.open","do":"status","status":500,"skip":2,"every":7,"times":-1}'
check 'docent starts' start_docent
order /_slack/docent "{\"port\":$port}"
check 'every link is up' wait_for healthy

ask $first
check "$first questions: $(cat "$work/out")" grep -q "asked=$first acknowledged=$first given_up=0 answered=$first none=0 twice=0 wrong=0 strange=0" "$work/out"
before=$(resident)
ask $((day - first))
check "$day questions: $(cat "$work/out")" grep -q "asked=$day acknowledged=$day given_up=0 answered=$day none=0 twice=0 wrong=0 strange=0" "$work/out"
after=$(resident)
if [ -z "$after" ] || grep -q asan "/proc/$server/maps"; then
    echo 'ok memory # SKIP no /proc here, or sanitizers, which keep what is freed'
else
    check "memory: $before kB after $first, $after kB at the end: not 1 MB more" [ $((after - before)) -le 1024 ]
fi
request GET /metrics
check 'connections were opened anew' grep -qE '^docent_reconnects_total\{.*\} [1-9]' "$work/out"
check 'posts were told to wait' grep -qE '^docent_rate_limited_total\{.*\} [1-9]' "$work/out"
check 'what came twice was noticed' grep -qE '^docent_duplicates_total\{.*\} [1-9]' "$work/out"
check 'nothing was unsure' not grep -q '^docent_unsure_total' "$work/out"
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]

exit $failed
