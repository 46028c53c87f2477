#!/bin/sh
# What the pack about docent says of docent is so: its commands are those of the program, its exit statuses those of the
# man page. One line a case, `ok NAME` or `not ok NAME`.

cd "$(dirname "$0")/../.." || exit 74
docent=${DOCENT:-build/cc/docent}
work=$(mktemp -d) || exit 74
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" HOME="$work"
failed=0

ask() { "$docent" ask --pack intents/docent "$1" > "$work/out" 2>&1; }

# check NAME COMMAND...: one case, passed if the command succeeds.
check() {
    name=$1
    shift
    if "$@"; then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/#   /' "$work/out" | head -n 20
        failed=1
    fi
}
says() { grep -qF -- "$1" "$work/out"; }

commands=$("$docent" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p')
ask 'Which commands does docent have?'
check 'the program lists commands' [ "$(echo "$commands" | wc -l)" -ge 6 ]
for command in $commands; do
    check "the pack names docent $command" says "docent $command"
done
for command in $(sed -n 's/^- docent \([a-z]*\) .*/\1/p' "$work/out"); do
    check "the program has docent $command" sh -c "'$docent' $command --help > /dev/null 2>&1"
done

for status in $(sed -n 's/^\.It \([0-9]*\)$/\1/p' src/cmd/docent.1); do
    ask "what does exit status $status mean"
    check "the pack knows exit status $status" says "$status"
done
exit $failed
