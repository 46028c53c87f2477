#!/bin/sh
# The pack and the talk in intents/README.md are a whole pack: they pass every check, as the page says. `ok NAME` a case.

cd "$(dirname "$0")/../.." || exit 74
docent=$(cd "$(dirname "${DOCENT:-build/cc/docent}")" && pwd)/docent
work=$(mktemp -d) || exit 74
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" HOME="$work"
failed=0

# block LANGUAGE: the first fenced block of that language.
block() { awk -v fence="\`\`\`$1" '$0 == fence { on = 1; next } /^```/ { if (on) exit } on' intents/README.md; }

mkdir -p "$work/pool/tests"
block json > "$work/pool/pool.json"
block talk > "$work/pool/tests/pool.talk"

# check NAME COMMAND...: one case, passed if the command succeeds.
check() {
    name=$1
    shift
    if "$@" > "$work/out" 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/# /' "$work/out" | head -n 30
        failed=1
    fi
}

check 'the page holds a pack' [ -s "$work/pool/pool.json" ]
check 'and a talk' [ -s "$work/pool/tests/pool.talk" ]
check 'check --strict has nothing to say' "$docent" check --strict "$work/pool"
check 'its talk holds, and all of it is touched' "$docent" test --coverage --fail-under 100 "$work/pool"
exit $failed
