# shellcheck shell=sh
# What the tests of docent against a fake platform share; to be read with `.` from the top folder.
#
# $docent, $work and $failed are set here; $work goes at the end, and so do docent and the fake.

docent=${DOCENT:-build/cc/docent}
programs=$(dirname "$docent")
work=$(mktemp -d) || exit 74
server='' fake='' failed=0
: > "$work/out"
: > "$work/log"
trap 'kill_docent; rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM
export HOME="$work" XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"

# A pack about bread, so that nothing here depends on what the real packs say.
mkdir "$work/bread"
cat > "$work/bread/pack.json" << 'END'
{
  "pack": {"name": "bread", "title": "Bread", "version": "1", "language": "en", "guide": {"title": "Bread"},
    "messages": {"decline": ["That is not about bread."], "decline_near": ["Not that, but:"],
                 "clarify": ["Which do you mean?"], "unclear": ["I did not understand that."]}},
  "sections": [{"id": "oven", "heading": "The oven & its <heat>"}, {"id": "rising", "heading": "Letting it rise"}],
  "facts": {"oven": {"heat": "230 degrees"}, "rising": {"time": "90 minutes"}},
  "intents": [
    {"id": "heat", "title": "Heat", "patterns": ["how hot ... oven", "oven & temperature"],
     "examples": ["How hot should the oven be?", "what oven temperature for a loaf", "oven heat setting",
                  "which temperature do I bake at"],
     "answers": [{"text": "Bake at **{oven.heat}**.", "next": ["How long does dough rise?"]}]},
    {"id": "rise", "title": "Rising", "patterns": ["how long ... rise", "rising time"],
     "examples": ["How long does dough rise?", "rising time of a loaf", "when has the dough risen enough",
                  "minutes that dough must rest"],
     "answers": [{"text": "Dough rises for {rising.time}.", "next": ["How hot should the oven be?"]}]},
    {"id": "hello", "title": "Hello", "kind": "chat", "patterns": ["^hello$"], "examples": ["hello", "good morning"],
     "answers": [{"text": "Hello baker.", "next": ["How hot should the oven be?"]}]}
  ]
}
END

# check NAME COMMAND...: one case, passed if the command succeeds.
check() {
    case_name=$1
    shift
    if "$@"; then
        echo "ok $case_name"
    else
        echo "not ok $case_name"
        sed 's/^/#   /' "$work/out" | cut -c 1-500 | tail -n 20
        sed 's/^/#   log: /' "$work/log" | cut -c 1-300 | tail -n 20
        failed=1
    fi
}

not() { ! "$@"; }
has() { grep -qF -- "$1" "$work/out"; }
logged() { grep -qE -- "$1" "$work/log"; }

# wait_for COMMAND...: until it succeeds, ten seconds at most.
wait_for() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -lt 400 ] || return 1
        sleep 0.025
    done
}

# start_fake NAME OPTION...: the program fake_NAME in the background; $fake is its port. It ends when this shell does,
# because its standard input does.
start_fake() {
    mkfifo "$work/fake.in"
    program=$programs/fake_$1
    shift
    "$program" "$@" < "$work/fake.in" > "$work/fake.port" 2> "$work/fake.err" &
    exec 8> "$work/fake.in"
    wait_for test -s "$work/fake.port" || return 1
    fake=$(cat "$work/fake.port")
}

# order PATH [BODY]: POST to the fake, the reply in out. look PATH: GET.
order() { "$programs/fake_call" "$fake" POST "$1" "${2:-}" > "$work/out" 2>&1; }
look() { "$programs/fake_call" "$fake" GET "$1" > "$work/out" 2>&1; }

# came N PATH [TEXT]: N requests have come to a path below PATH, with TEXT (no white space) in the body, or come now.
came() { look "/_fake/wait?count=$1&path=$2&has=${3:-}&ms=10000"; }

# exactly N PATH [TEXT]: no more and no less than that have come so far.
exactly() { look "/_fake/count?path=$2&has=${3:-}" && [ "$(cat "$work/out")" = "$1" ]; }

# start_docent OPTION...: docent serve in the background; $port is where it listens.
start_docent() {
    : > "$work/log"
    "$docent" serve --pack "$work/bread" --listen 127.0.0.1:0 "$@" < /dev/null > "$work/stdout" 2> "$work/log" 8>&- &
    server=$!
    wait_for logged 'serve.listening' || return 1
    port=$(sed -nE '/serve.listening/s/.* address=127\.0\.0\.1:([0-9]+).*/\1/p' "$work/log" | head -n 1)
    [ -n "$port" ]
}

kill_docent() {
    [ -n "$server" ] || return 0
    kill -9 "$server" 2> /dev/null
    wait "$server" 2> /dev/null
    server=''
}

# stop_docent: SIGTERM, and its exit status in $status.
stop_docent() {
    kill -TERM "$server"
    wait "$server"
    status=$?
    server=''
}

# request METHOD PATH [BODY [-H HEADER]...]: to docent; the body in out, the status in $status.
request() {
    method=$1 path=$2
    shift 2
    "$programs/fake_call" "$port" "$method" "$path" -i "$@" > "$work/reply" 2>&1
    status=$(head -n 1 "$work/reply")
    tail -n +2 "$work/reply" > "$work/out"
}

# healthy: every link of docent is up.
healthy() {
    request GET /healthz
    [ "$status" = 200 ]
}
