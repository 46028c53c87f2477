#!/bin/sh
# docent check: problems of packs with their places. One line a case, `ok NAME` or `not ok NAME`.

cd "$(dirname "$0")/../.." || exit 74
docent=${DOCENT:-build/cc/docent}
work=$(mktemp -d) || exit 74
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" HOME="$work"
failed=0

# pack DIR PATTERN EXAMPLE: a small pack about a garden; the pattern and the example stand in lines 12 and 13.
pack() {
    mkdir -p "$work/$1"
    cat > "$work/$1/garden.json" << END
{
  // a garden
  "pack": {"name": "garden", "title": "A garden",
    "messages": {"decline": "Ask a gardener.", "decline_near": "Not that, but:", "clarify": "Which?", "unclear": "Pardon?"},
    "next": ["When do I sow carrots?"]},
  "sections": [{"id": "beds", "heading": "Beds"}],
  "facts": {"beds": {"sowing": "April", "water": "twice a week"}},
  "intents": [
    {"id": "sow", "title": "Sowing", "patterns": ["when ... sow"], "examples": ["When do I sow carrots?", "when to sow beans", "when do people sow"],
     "answers": [{"text": "In {beds.sowing}."}]},
    {"id": "water", "title": "Watering", "patterns": [
       "$2"], "examples": ["How often do I water the beds?",
       "$3"],
     "answers": [{"text": "About {beds.water}."}]},
    {"id": "hello", "kind": "chat", "patterns": ["^hello$"], "examples": ["hello"], "answers": [{"text": "Hello."}]}
  ]
}
END
}

run() {
    "$docent" check "$@" > "$work/out" 2> "$work/err"
    status=$?
}

# check NAME COMMAND...: one case, passed if the command succeeds.
check() {
    name=$1
    shift
    if "$@"; then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/#   /' "$work/out" "$work/err" | head -n 20
        failed=1
    fi
}

has() { grep -qF -- "$1" "$work/out"; }
says() { grep -qF -- "$1" "$work/err"; }
silent() { [ ! -s "$work/err" ]; }
ended() { [ "$status" -eq "$1" ]; }
last_line() { [ "$(tail -n 1 "$work/out")" = "$1" ]; }
is_json() { python3 -c 'import json, sys; json.load(sys.stdin)' < "$work/out"; }
no_escapes() { ! grep -q "$(printf '\033')" "$work/out" "$work/err"; }

pack fine 'how often & water' 'water the garden how often'
run "$work/fine"
check 'a pack without a fault: status 0' ended 0
check 'and the count only' [ "$(cat "$work/out")" = '0 errors, 0 warnings in 1 file' ]
check 'nothing on stderr' silent
run --strict "$work/fine"
check 'nor does --strict find one' ended 0
run --quiet "$work/fine"
check '--quiet says nothing when all is well' [ ! -s "$work/out" ]
run --json "$work/fine"
check '--json: an empty array' [ "$(cat "$work/out")" = '[]' ]

pack warned '(how often|hourly) & water' 'water the garden how often'
sed 's/"when ... sow"/"when ... sow", "tulip season"/' "$work/warned/garden.json" > "$work/garden.json"
mv "$work/garden.json" "$work/warned/garden.json"
run "$work/warned"
check 'a warning alone: status 0' ended 0
check 'its place and message' has "$work/warned/garden.json:9:67: warning: no example of intent 'sow' reaches this pattern"
check 'the line' has '     9 |     {"id": "sow"'
check 'a hint' has '   hint: add a question'
check 'the count' last_line '0 errors, 1 warning in 1 file'
run --strict "$work/warned"
check 'a warning with --strict: status 1' ended 1

pack stolen 'how often & water' 'when to sow'
run "$work/stolen"
check 'a stolen question: status 1' ended 1
check 'at its place, with the thief' has "$work/stolen/garden.json:13:8: error: intent 'sow' takes this question of 'water', by pattern \"when ... sow\" ($work/stolen/garden.json:9)"
check 'no escape codes in a file' no_escapes
run --json "$work/stolen"
check '--json: status 1' ended 1
check '--json: level and rule' has '"line": 13, "column": 8, "level": "error", "rule": "stolen-question", "message": "intent '
if command -v python3 > /dev/null; then
    check '--json: is JSON' is_json
fi

pack broken 'how (often & water' 'water the garden how often'
run "$work/broken"
check 'a pack that does not load: status 1' ended 1
check 'what is wrong with it' has "$work/broken/garden.json:12:13: error: pattern does not compile"
printf '{"pack": ' > "$work/broken/garden.json"
run "$work/broken"
check 'a file that is no JSON: status 1' ended 1

run "$work/nowhere"
check 'no such folder: status 66' ended 66
check 'which one' says "$work/nowhere"
run --json "$work/nowhere" "$work/stolen"
check 'no such folder beside another: status 66' ended 66
check 'the other one is checked' has '"rule": "stolen-question"'
run "$work/fine" "$work/stolen" "$work/warned"
check 'several folders: status 1' ended 1
check 'several folders: counted together' last_line '1 error, 1 warning in 3 files'
run --nonsense
check 'an unknown option: status 64' ended 64

if command -v script > /dev/null && script -qec true /dev/null < /dev/null > /dev/null 2>&1; then
    TERM=xterm script -qec "'$docent' check '$work/stolen' > /dev/null" "$work/terminal" > /dev/null 2>&1
    check 'a terminal sees what goes on' grep -qF 'checking ' "$work/terminal"
else
    echo 'ok a terminal sees what goes on # SKIP no script here, or no terminal to be had'
fi

exit $failed
