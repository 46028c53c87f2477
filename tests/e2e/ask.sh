#!/bin/sh
# docent ask: questions in, replies out. One line a case, `ok NAME` or `not ok NAME`.

cd "$(dirname "$0")/../.." || exit 74
docent=${DOCENT:-build/cc/docent}
work=$(mktemp -d) || exit 74
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" HOME="$work"
failed=0

# A pack about bread, so that nothing here depends on what the real packs say.
mkdir "$work/bread"
cat > "$work/bread/pack.json" << 'END'
{
  "pack": {"name": "bread", "title": "Bread", "version": "1", "language": "en", "guide": {"title": "Bread"},
    "messages": {"decline": ["That is not about bread."], "decline_near": ["Not that, but:"],
                 "clarify": ["Which do you mean?"], "unclear": ["I did not understand that."]}},
  "sections": [{"id": "oven", "heading": "The oven"}, {"id": "rising", "heading": "Letting it rise"}],
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
heat='how hot should the oven be'
rise='how long does dough rise'
strange='who won the football match in spain yesterday'

# ask WORD...: standard input is $input (a file, /dev/null at first); replies in out, status in $status.
input=/dev/null
ask() {
    "$docent" ask --pack "$work/bread" "$@" < "$input" > "$work/out" 2> "$work/err"
    status=$?
}

# pipe LINES WORD...: the same with these lines, as printf's %b writes them, on standard input.
pipe() {
    printf '%b' "$1" > "$work/in"
    shift
    input=$work/in
    ask "$@"
    input=/dev/null
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
lines() { [ "$(wc -l < "$work/out")" -eq "$1" ]; }
line_has() { sed -n "$1p" "$work/out" | grep -qF -- "$2"; }
silent() { [ ! -s "$work/err" ]; }
ended() { [ "$status" -eq "$1" ]; }

# --- one question

ask "$heat"
check 'a question is answered' has '230 degrees'
check 'with the section it rests on' has 'The oven'
check 'status 0 when answered' ended 0
check 'nothing on stderr' silent
check 'no escape codes in a file' [ "$(tr -d '\033' < "$work/out" | wc -c)" -eq "$(wc -c < "$work/out")" ]
cp "$work/out" "$work/heat"
# shellcheck disable=SC2086  # words, one by one
ask $heat
check 'words are joined' cmp -s "$work/out" "$work/heat"
ask -- $heat
check 'words behind --' cmp -s "$work/out" "$work/heat"
ask hello
check 'status 0 for chat' ended 0
ask "$strange"
check 'status 1 when declined' ended 1
ask ''
check 'the empty question gets a reply' [ -s "$work/out" ]
ask "$(printf '%08000d' 0)"
check 'a huge question gets a reply' [ -s "$work/out" ]
ask "$(printf 'how hot \033[31m\377 oven')"
check 'control characters and broken UTF-8 get a reply' [ -s "$work/out" ]
ask --why "$heat"
check '--why tells of the intents' has 'heat'
check '--why adds to the reply' [ "$(wc -l < "$work/out")" -gt "$(wc -l < "$work/heat")" ]

# --- one a line

pipe "$heat\n$rise\n"
check 'piped questions: the first' has '230 degrees'
check 'piped questions: the second' has '90 minutes'
check 'piped questions: an empty line between' grep -q '^$' "$work/out"
check 'piped questions: status 0' ended 0
cp "$work/out" "$work/two"
pipe "$heat\n$rise\n" -
check '- reads standard input' cmp -s "$work/out" "$work/two"
pipe "$heat\r\n\n  \n$rise"
check 'CR LF, empty lines, no last line end' cmp -s "$work/out" "$work/two"
pipe "$strange\n$heat\n"
check 'status 1 when one of several is declined' ended 1
ask
check 'no lines at all: status 0' ended 0
check 'no lines at all: no output' lines 0

# --- JSON

ask --json "$heat"
check '--json: one line' lines 1
check '--json: outcome' has '"outcome":"answer"'
check '--json: intent' has '"intent":"heat"'
check '--json: sources' has '"sources":["oven"]'
check '--json: no conversation' [ "$(grep -c conversation "$work/out")" -eq 0 ]
pipe "$heat\n$strange\n" --json
check '--json: one line a question' lines 2
check '--json: the second' line_has 2 '"outcome":"decline"'

pipe '{"conversation": "c1", "text": "'"$heat"'"}\n{"conversation": "c2", "text": "'"$rise"'"}\n' --jsonl
check '--jsonl: one line each' lines 2
check '--jsonl: conversation' line_has 1 '"conversation":"c1"'
check '--jsonl: the second' line_has 2 '"intent":"rise"'
check '--jsonl: status 0' ended 0

pipe 'nonsense\n\n[]\n{}\n{"text": 5}\n{"conversation": 1, "text": "x"}\n{"conversation": "c", "text": "'"$heat"'"}\n' --jsonl
check 'bad lines: one line each' lines 7
check 'bad lines: six errors' [ "$(grep -c '^{"error":"' "$work/out")" -eq 6 ]
check 'bad lines: the next is answered' line_has 7 '"intent":"heat"'
check 'bad lines: status 0' ended 0

{
    printf '{"conversation": "c", "text": "%070000d"}\n' 0
    printf '{"conversation": "c", "text": "%s"}\n' "$heat"
} > "$work/long"
input=$work/long
ask --jsonl
input=/dev/null
check 'a line past 64 KiB: one error' line_has 1 '{"error":"'
check 'a line past 64 KiB: the next is answered' line_has 2 '"intent":"heat"'
check 'a line past 64 KiB: no third line' lines 2

# A program that waits for each reply before it asks on.
mkfifo "$work/to" "$work/from"
"$docent" ask --pack "$work/bread" --jsonl < "$work/to" > "$work/from" 2> "$work/err" &
exec 3> "$work/to" 4< "$work/from"
printf '{"conversation": "c", "text": "%s"}\n' "$heat" >&3
IFS= read -r reply <&4
printf '%s\n' "$reply" > "$work/out"
check 'each line is flushed at once' has '"intent":"heat"'
exec 3>&- 4<&-
wait

# --- mistakes and failures

pipe '' --json --jsonl
check '--json with --jsonl: status 64' ended 64
pipe '' --jsonl word
check '--jsonl with words: status 64' ended 64
ask --jsno "$heat"
check 'unknown option: status 64' ended 64
check 'unknown option: did you mean' says "did you mean '--json'?"
check 'unknown option: nothing on stdout' lines 0
if command -v script > /dev/null && script -qec true /dev/null < /dev/null > /dev/null 2>&1; then
    script -qec "'$docent' ask --pack '$work/bread'" /dev/null < /dev/null > "$work/out" 2> "$work/err"
    status=$?
    check 'no question on a terminal: status 64' ended 64
    colours() { script -qec "$1 '$docent' $2 ask --pack '$work/bread' '$heat'" /dev/null < /dev/null 2> "$work/err" | grep -c "$(printf '\033')"; }
    check 'a terminal gets colours' [ "$(colours 'env -u NO_COLOR TERM=xterm' '')" -gt 0 ]
    check 'NO_COLOR' [ "$(colours 'NO_COLOR=1 TERM=xterm' '')" -eq 0 ]
    check 'an empty NO_COLOR counts for nothing' [ "$(colours 'NO_COLOR= TERM=xterm' '')" -gt 0 ]
    check 'TERM=dumb' [ "$(colours 'env -u NO_COLOR TERM=dumb' '')" -eq 0 ]
    check '--no-color' [ "$(colours 'env -u NO_COLOR TERM=xterm' --no-color)" -eq 0 ]
fi

: > "$work/out"
"$docent" ask --pack "$work/bread" "$heat" >&- 2> "$work/err"
status=$?
check 'closed stdout: status 74' ended 74
if [ -c /dev/full ]; then
    "$docent" ask --pack "$work/bread" "$heat" > /dev/full 2> "$work/err"
    status=$?
    check 'full disk: status 74' ended 74
fi
"$docent" ask --pack "$work/bread" --jsonl < "$work/long" >&- 2> "$work/err"
status=$?
check 'closed stdout with --jsonl: status 74' ended 74

# --- the cache

rm -rf "$work/cache"
ask "$heat"
check 'the model is kept' [ "$(find "$work/cache/docent" -name 'model-*' | wc -l)" -eq 1 ]
ask "$heat"
check 'the kept model answers alike' cmp -s "$work/out" "$work/heat"
for model in "$work/cache/docent"/model-*; do
    echo broken > "$model"
done
ask "$heat"
check 'a broken model is made anew' cmp -s "$work/out" "$work/heat"
for i in 0 1 2 3 4 5 6 7 8 9; do
    echo old > "$work/cache/docent/model-000000000000000$i"
    touch -t 202001010000 "$work/cache/docent/model-000000000000000$i"
done
for model in "$work/cache/docent"/model-*; do
    [ "$(wc -c < "$model")" -gt 10 ] && rm "$model"
done
ask "$heat"
check 'eight models are kept' [ "$(find "$work/cache/docent" -name 'model-*' | wc -l)" -eq 8 ]
: > "$work/no-folder"
XDG_CACHE_HOME=$work/no-folder ask "$heat"
check 'a cache that cannot be: the same reply' cmp -s "$work/out" "$work/heat"
check 'a cache that cannot be: silence' silent
chmod a-w "$work/cache/docent"
rm -f "$work/cache/docent"/model-* 2> /dev/null
ask "$heat"
check 'a cache without the right to write: the same reply' cmp -s "$work/out" "$work/heat"
chmod u+w "$work/cache/docent"
(cd "$work" && case $docent in /*) ;; *) docent=$OLDPWD/$docent ;; esac &&
    XDG_CACHE_HOME=relative "$docent" ask --pack bread "$heat" > out 2> err)
check 'a relative XDG_CACHE_HOME is ignored' [ ! -e "$work/relative" ]

exit $failed
