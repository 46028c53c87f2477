#!/bin/sh
# docent serve as a whole: asked over HTTP, watched, reloaded and stopped; and docent report about it.
# One line a case, `ok NAME` or `not ok NAME`.

cd "$(dirname "$0")/../.." || exit 74
docent=${DOCENT:-build/cc/docent}
work=$(mktemp -d) || exit 74
server=''
trap '[ -z "$server" ] || kill -9 "$server" 2> /dev/null; rm -rf "$work"' EXIT
export HOME="$work" XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"
failed=0

# check NAME COMMAND...: one case, passed if the command succeeds.
check() {
    name=$1
    shift
    if "$@"; then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/#   /' "$work/out" "$work/log" 2> /dev/null | tail -n 20
        failed=1
    fi
}

# wait_for COMMAND...: until it succeeds, ten seconds at most.
wait_for() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.05
    done
}

logged() { grep -qE -- "$1" "$work/log"; }
has() { grep -qF -- "$1" "$work/out"; }
ended() { ! kill -0 "$server" 2> /dev/null; }

# start OPTION...: the server in the background; $port is where it listens.
start() {
    : > "$work/log"
    "$docent" serve --listen 127.0.0.1:0 "$@" < /dev/null > "$work/stdout" 2> "$work/log" &
    server=$!
    wait_for logged 'serve.listening' || return 1
    port=$(sed -nE '1s/.* address=127\.0\.0\.1:([0-9]+).*/\1/p' "$work/log")
    [ -n "$port" ]
}

# request METHOD PATH [BODY]: the status in $status, the body in out.
request() {
    "$(dirname "$docent")/fake_call" "$port" "$1" "$2" -i "${3:-}" > "$work/reply" 2> "$work/trouble"
    status=$(head -n 1 "$work/reply")
    tail -n +2 "$work/reply" > "$work/out"
}

# --- asking

check 'serve: starts, and its first line names the address' start
question='{"conversation": "c1", "text": "how much do entry-level coders make?"}'
request POST /v1/ask "$question"
check 'ask: status 200' [ "$status" = 200 ]
echo "$question" | "$docent" ask --jsonl > "$work/jsonl"
check 'ask: the same reply as docent ask --jsonl' cmp -s "$work/out" "$work/jsonl"
request POST /v1/ask '{"conversation": "c1", "text": "and billers?"}'
check 'ask: a conversation goes on' has '"billing-salary"'
request POST /v1/ask '{"conversation": "c2", "text": "and billers?"}'
check 'ask: another conversation knows nothing of it' [ "$(grep -c '38,000' "$work/out")" = 0 ]

for wrong in '{' '[]' '{"text": 5}' '{"conversation": 1, "text": "hi"}' ''; do
    request POST /v1/ask "$wrong"
    check "ask: '$wrong' has status 400" [ "$status" = 400 ]
    check "ask: '$wrong' gets an error in JSON" has '{"error":"'
done
printf '{"text": "%070000d"}' 0 > "$work/long"
request POST /v1/ask "$(cat "$work/long")"
check 'ask: a request that is too long has status 400' [ "$status" = 400 ]
request GET /v1/ask
check 'GET /v1/ask has status 405' [ "$status" = 405 ]
request GET /nothing
check 'an unknown path has status 404' [ "$status" = 404 ]
request POST /slack/events '{}'
check 'a platform without its secrets has no path' [ "$status" = 404 ]

# --- watching

request GET /healthz
check 'healthz: status 200' [ "$status" = 200 ]
for part in '"status":"ok"' '"pack":{"title":"' '"version":"' '"links":[]' '"writable":true'; do
    check "healthz: has $part" eval 'tr -d " " < "$work/out" | grep -qF -- "$part"'
done
request GET /metrics
check 'metrics: questions are counted by outcome' grep -qE '^docent_questions_total\{.*answer.*\} 3$' "$work/out"
check 'the log holds nobody`s words' [ "$(grep -c 'entry-level' "$work/log")" = 0 ]

# --- reading packs and settings again

kill -HUP "$server"
check 'SIGHUP: reads everything again' wait_for logged 'serve.reloaded'
mkdir -p "$work/config/docent"
echo '{"colour": "auto"}' > "$work/config/docent/docent.json"
kill -HUP "$server"
check 'SIGHUP with wrong settings: refused' wait_for logged 'serve.reload_refused'
check 'SIGHUP with wrong settings: says why' logged "no setting 'colour'"
request POST /v1/ask "$question"
check 'SIGHUP with wrong settings: still answers' has '42,000'
rm "$work/config/docent/docent.json"

echo '{"discord": {"shards": "0-1/2", "per_minute": 9}, "expire_minutes": 5}' > "$work/config/docent/docent.json"
kill -HUP "$server"
check 'SIGHUP with settings that only a start puts in force: named' \
    wait_for logged 'serve.restart_needed changed="expire_minutes, discord.shards"$'
rm "$work/config/docent/docent.json"

# --- two at once

DOCENT_LISTEN=127.0.0.1:0 "$docent" serve < /dev/null > "$work/out" 2>&1
check 'a second one with the same database: status 75' [ $? = 75 ]
DOCENT_STATE_DIR="$work/other" "$docent" serve --listen "127.0.0.1:$port" < /dev/null > "$work/out" 2>&1
check 'a second one at the same address: status 69' [ $? = 69 ]
check 'a second one at the same address: named' has "127.0.0.1:$port"

# --- the report

"$docent" report > "$work/out"
check 'report: status 0' [ $? = 0 ]
check 'report: counts outcomes' grep -qE '^ +[0-9]+  answer$' "$work/out"
request POST /v1/ask '{"text": "how much does the CPC exam cost?"}'
"$docent" report --json > "$work/out"
check 'report --json: what went unanswered is there in words' grep -qE '"unanswered": ?\[.*exam cost' "$work/out"
"$docent" report --days 0 > "$work/out" 2>&1
check 'report --days 0: status 64' [ $? = 64 ]
DOCENT_STATE_DIR="$work/nowhere" "$docent" report > "$work/out" 2>&1
check 'report without a database: status 66' [ $? = 66 ]

# --- ending

kill -TERM "$server"
check 'SIGTERM: ends' wait_for ended
wait "$server"
check 'SIGTERM: status 0' [ $? = 0 ]
check 'SIGTERM: says that it is done' logged 'serve.stopped '
check 'nothing on standard output' [ ! -s "$work/stdout" ]
check 'the database is for its owner only' [ "$(find "$work/state/docent" -name 'docent.db*' -perm /077 | wc -l)" = 0 ]
for wrong in 127.0.0.1 127.0.0.1:x 127.0.0.1:70000 :; do
    timeout 10 "$docent" serve --listen "$wrong" < /dev/null > "$work/out" 2>&1
    status=$?
    check "--listen $wrong: status 78" [ $status = 78 ]
    check "--listen $wrong: named" has "'$wrong'"
done
server=''
echo 'https://hooks.slack.com/services/T0/B0/first' > "$work/secret"
export SLACK_WEBHOOK_URL_FILE="$work/secret"
check 'a secret from a file: starts' start
echo 'https://hooks.slack.com/services/T0/B0/second' > "$work/secret"
kill -HUP "$server"
check 'SIGHUP with another secret: named' wait_for logged 'serve.restart_needed changed=SLACK_WEBHOOK_URL$'
rm "$work/secret"
kill -HUP "$server"
check 'SIGHUP without the file of a secret: said, and it goes on' wait_for logged 'serve.secrets_unreadable .*/secret'
check 'SIGHUP with secrets: none is shown' [ "$(grep -c hooks.slack "$work/log")" = 0 ]
request POST /v1/ask "$question"
check 'SIGHUP with secrets: still answers' has '42,000'
kill -TERM "$server"
wait "$server"
server=''
unset SLACK_WEBHOOK_URL_FILE
SLACK_BOT_TOKEN_FILE="$work/none" "$docent" serve --listen 127.0.0.1:0 < /dev/null > "$work/out" 2>&1
check 'a secret file that is not there: status 78' [ $? = 78 ]
check 'a secret file that is not there: named' has "$work/none"
SLACK_BOT_TOKEN='xoxb-1 2' "$docent" serve --listen 127.0.0.1:0 < /dev/null > "$work/out" 2>&1
check 'a secret of two words: status 78' [ $? = 78 ]
check 'a secret of two words: not printed' [ "$(grep -c xoxb "$work/out")" = 0 ]

exit $failed
