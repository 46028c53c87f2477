#!/bin/sh
# A day of docent on Discord, played fast: DISCORD_DAY questions (600; 10,000 for the whole day) of every kind, with links
# that break in every way, invalid sessions, zombies, lost acknowledgements, 429s and lost answers. Each is answered exactly
# once, nothing is done that Discord forbids, and the process does not grow. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/discord.sh

day=${DISCORD_DAY:-600}
first=$((day / 10))

# kilobytes of memory that docent has in use
resident() { [ ! -r "/proc/$server/status" ] || awk '/^VmRSS/ { print $2 }' "/proc/$server/status"; }

# spend N: so many more questions, until all are answered or nothing moves for a minute and more.
spend() {
    order /_discord/day "{\"questions\":$1,\"http\":true,\"trouble_every\":$((day > 5000 ? 120 : day / 20))}"
    last='' idle=0
    until look /_discord/state && has '"day":"over"'; do
        answered=$(account answered)
        [ "$answered" = "$last" ] && idle=$((idle + 1)) || idle=0
        [ $idle -lt 280 ] || return 1
        last=$answered
        sleep 0.25
    done
}

start_fake discord || exit 74
use_fake_discord
mkdir -p "$XDG_CONFIG_HOME/docent"
echo '{"discord": {"per_minute": 0}}' > "$XDG_CONFIG_HOME/docent/docent.json" # few people ask it all
order /_fake/silent
order /_discord/set '{"heartbeat_ms":1500,"bucket":8,"bucket_ms":500}'
check 'docent starts' start_docent
order /_discord/set "{\"docent_port\":$port}"
check 'the link comes up' wait_for live

check "$first questions are answered" spend "$first"
before=$(resident)
check "$day questions are answered" spend $((day - first))
after=$(resident)
look /_discord/state
echo "# $(cut -c 1-400 "$work/out")"
check 'each of them' is asked "$day"
check '… once' is answered "$day"
check '… none twice, none too late, and nothing that Discord forbids' eval 'clean && has "\"expired\":0"'
if [ -z "$after" ] || grep -q asan "/proc/$server/maps"; then
    echo 'ok memory # SKIP no /proc here, or sanitizers, which keep what is freed'
else
    check "memory: $before kB after $first, $after kB at the end: not 1 MB more" [ $((after - before)) -le 1024 ]
fi
check 'sessions were resumed' [ "$(account resumed)" -ge 4 ]
check 'sessions were begun anew, not often' [ "$(account identifies)" -ge 2 ]
check 'never more than 120 sends a minute' [ "$(account sends_peak)" -le 120 ]
check 'calls were told to wait' [ "$(account too_fast)" -ge 3 ]
check 'Discord itself refused second answers to some' [ "$(account deduplicated)" -ge 1 ]
check 'some over HTTP had to think first, and were answered after that' [ "$(account deferred)" -ge 1 ]
request GET /healthz
check 'nothing is left in the outbox' eval 'grep -qE "\"unanswered\": ?0" "$work/out" && grep -qE "\"undelivered\": ?0" "$work/out"'
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]

exit $failed
