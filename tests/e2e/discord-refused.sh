#!/bin/sh
# What docent must not believe on Discord: interactions that are forged, stale, replayed, truncated, too large or nonsense.
# One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/discord.sh

heat='how hot should the oven be'
refused() { grep -qxF '401 {"error":"invalid request signature"}' "$work/out"; }
fine() { grep -q '^200 {"type":4,' "$work/out"; }

start_fake discord || exit 74
use_fake_discord
unset DISCORD_TOKEN
check 'docent starts with interactions over HTTP alone' start_docent
order /_discord/set "{\"docent_port\":$port}"

# --- signatures

for forge in signature body timestamp key short hex missing; do
    over_http "\"question\":\"$heat\",\"uncounted\":true,\"forge\":\"$forge\""
    check "a forged one is refused: $forge" refused
    over_http "\"kind\":\"ping\",\"forge\":\"$forge\""
    check "… a ping, too" refused
done
request POST /discord/interactions '{"type":1}'
check 'one without any signature is refused' [ "$status" = 401 ]
over_http "\"question\":\"$heat\",\"uncounted\":true,\"age\":3700"
check 'one of an hour ago is refused' refused
over_http "\"question\":\"$heat\",\"uncounted\":true,\"age\":-3700"
check 'one of the next hour is refused' refused
request GET /metrics
check 'nothing of all this was answered' not has 'docent_questions_total'
check 'and they are counted' has 'docent_refused_total{platform="discord",reason="signature"} 15'
check '… the stale ones, too' has 'docent_refused_total{platform="discord",reason="stale"} 2'

# --- replays

over_http "\"question\":\"$heat\",\"age\":3000"
check 'one that took its time is answered' fine
over_http '"replay":true,"uncounted":true'
check 'the same once more is refused' refused
kill_docent
check 'docent starts again' start_docent
order /_discord/set "{\"docent_port\":$port}"
over_http '"replay":true,"uncounted":true'
check '… also by the next process' refused
request GET /metrics
check 'and that is counted' has 'docent_refused_total{platform="discord",reason="replay"} 1'

# --- nonsense

over_http '"kind":"click","custom_id":"d1:sh:../x","uncounted":true'
check 'a button that no docent made is answered as unknown' has 'no longer known'
long=$(head -c 2000000 /dev/zero | tr '\0' x)
printf '{"via":"http","uncounted":true,"question":"%s"}' "$long" |
    "$programs/fake_call" "$fake" POST /_discord/interaction - > "$work/out"
check 'one that is too large is refused, or cut off' grep -qE '^(413|0) ' "$work/out"
strange() { grep -q '^400 {"error":' "$work/out"; }
raw() { over_http "\"uncounted\":true,\"raw\":\"$1\""; }
raw '{\"type\":2,\"id\":'
check 'broken JSON, well signed' strange
raw "$(printf '[%.0s' $(seq 5000))"
check 'JSON 5,000 deep' strange
for body in '' 'null' '[]' '7' '{}' '{\"type\":\"1\"}' '{\"type\":1e300}' '{\"type\":-1}'; do
    raw "$body"
    check "no interaction: $body" strange
done
raw '{\"type\":2,\"id\":\"../x\",\"application_id\":\"1\",\"token\":\"a/../b\",\"user\":{\"id\":\"7\"},\"data\":{\"name\":\"ask\"}}'
check 'ids and tokens that are paths lead nowhere' eval 'not has type\":5 && exactly 0 /api/v10/interactions'
raw '{\"type\":3,\"id\":\"11\",\"application_id\":\"1\",\"token\":\"t\",\"channel_id\":\"6\",\"user\":{\"id\":\"7\"},\"data\":[]}'
check 'a click on nothing is answered as unknown' has 'no longer known'
request POST /discord/interactions '' -H 'X-Signature-Ed25519: ' -H 'X-Signature-Timestamp: '
check 'empty headers and no body' [ "$status" = 401 ]
request GET /discord/interactions
check 'GET has status 405' [ "$status" = 405 ]
over_http "\"question\":\"$heat\""
check 'a good one is answered after all that' fine
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]

exit $failed
