#!/bin/sh
# docent test: conversations and question sets. One line a case, `ok NAME` or `not ok NAME`.

cd "$(dirname "$0")/../.." || exit 74
docent=${DOCENT:-build/cc/docent}
work=$(mktemp -d) || exit 74
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" HOME="$work"
failed=0

# A pack about tea, so that nothing here depends on what the real packs say.
mkdir "$work/tea"
cat > "$work/tea/pack.json" << 'END'
{
  "pack": {"name": "tea", "title": "Tea", "version": "1", "language": "en", "guide": {"title": "Tea"},
    "messages": {"decline": ["That is not about tea."], "decline_near": ["Not that, but:"],
                 "clarify": ["Which do you mean?"], "unclear": ["I did not understand that."]}},
  "sections": [{"id": "water", "heading": "The water"}, {"id": "steeping", "heading": "Steeping"}],
  "facts": {"water": {"heat": "95 degrees"}, "steeping": {"time": "4 minutes"}},
  "intents": [
    {"id": "heat", "title": "Heat", "patterns": ["how hot ... water", "water & temperature"],
     "examples": ["How hot should the water be?", "which water temperature for black tea", "heat of the water",
                  "what temperature do I pour at"],
     "answers": [{"text": "Pour at **{water.heat}**.", "next": ["How long does tea steep?"]}]},
    {"id": "time", "title": "Time", "patterns": ["how long ... steep", "steeping time"],
     "after": [{"intents": ["heat"], "patterns": ["^and how long$"]}],
     "examples": ["How long does tea steep?", "steeping time of a pot", "when has the tea steeped enough",
                  "minutes that tea must draw"],
     "answers": [{"text": "Tea steeps for {steeping.time}.", "next": ["How hot should the water be?"]}]},
    {"id": "hello", "title": "Hello", "kind": "chat", "patterns": ["^hello$"], "examples": ["hello", "good morning"],
     "answers": [{"text": "Hello tea drinker.", "next": ["How hot should the water be?"]}]}
  ]
}
END

cat > "$work/good.talk" << 'END'
# all of this holds
> how hot should the water be
= answer water intent=heat
~ 95 degrees
! steep

> hello
= chat
> how long does tea steep
= answer steeping
END
cat > "$work/bad.talk" << 'END'
> how long does tea steep
= answer water intent=heat
# a comment stays
~ 4 minutes

> hello
= chat
END
printf '> hello\n= chat\nwhat is this line\n' > "$work/broken.talk"
cat > "$work/set.jsonl" << 'END'
{"id": "1", "style": "plain", "turns": [{"q": "how hot should the water be", "outcome": ["answer"], "sources": [["water"]], "must": ["95"], "must_not": []}]}
{"id": "2", "style": "plain", "turns": [{"q": "how long does tea steep", "outcome": ["answer"], "sources": [["water"]]}]}
{"id": "3", "style": "smalltalk", "turns": [{"q": "hello", "outcome": ["chat"]}, {"q": "hello", "outcome": ["answer"]}]}
END

# play WORD...: output in out and err, status in $status
play() {
    "$docent" test --pack "$work/tea" "$@" < /dev/null > "$work/out" 2> "$work/err"
    status=$?
}

# expect NAME STATUS [TEXT...]: the last run ended so, and each TEXT stands in what it wrote.
expect() {
    name=$1 wanted=$2
    shift 2
    if [ "$status" -ne "$wanted" ]; then
        echo "not ok $name: exit status $status, not $wanted"
        sed 's/^/# /' "$work/out" "$work/err"
        failed=1
        return
    fi
    for text; do
        if ! cat "$work/out" "$work/err" | grep -qF -- "$text"; then
            echo "not ok $name: no '$text'"
            sed 's/^/# /' "$work/out" "$work/err"
            failed=1
            return
        fi
    done
    echo "ok $name"
}

# verdict NAME: of the command before
verdict() {
    if [ $? -eq 0 ]; then
        echo "ok $1"
    else
        echo "not ok $1"
        failed=1
    fi
}

play "$work/good.talk"
expect 'a talk that holds' 0 '3 passed, 0 failed'
[ "$(wc -l < "$work/out")" -eq 1 ]
verdict 'what passes takes one line'

play --verbose "$work/good.talk"
expect 'verbose tells what passed' 0 'good.talk:2: > how hot should the water be'

play "$work/bad.talk"
expect 'a talk that does not hold' 1 "$work/bad.talk:1: > how long does tea steep" 'expected  water, intent=heat' \
    'came      answer, intent time, sources steeping' 'text      Tea steeps for 4 minutes.' \
    'why       pattern "how long ... steep" of time' 'pack.json:' '1 passed, 1 failed'

play "$work/broken.talk"
expect 'a line that is nothing' 65 "$work/broken.talk:3:1: error" 'hint: begin it with >'

play "$work/good.talk" "$work/broken.talk"
expect 'one broken file stops the run' 65
! grep -q passed "$work/out"
verdict 'nothing is played beside a broken file'

printf '> hello\n= chat nowhere\n' > "$work/section.talk"
play "$work/section.talk"
expect 'an unknown section' 65 'section.talk:2:8: error' 'nowhere'
printf '> hello\n~ a(b\n' > "$work/pattern.talk"
play "$work/pattern.talk"
expect 'a pattern that does not compile' 65 'pattern.talk:2:'
: > "$work/empty.talk"
play "$work/empty.talk"
expect 'an empty talk' 65 'no questions'
play "$work/missing.talk"
expect 'a file that is not there' 66 'missing.talk'
mkdir "$work/nothing"
play "$work/nothing"
expect 'a folder without tests' 66 'no *.talk'
play --fail-under much "$work/set.jsonl"
expect 'a percentage that is none' 64 "'much'"
play --no-such-option
expect 'an unknown option' 64
play --help
expect 'help' 0 '--bless' '--junit' '--fail-under'

mkdir "$work/folder"
cp "$work/good.talk" "$work/set.jsonl" "$work/folder"
play "$work/folder"
expect 'a folder: talks and question sets' 0 '3 passed, 0 failed' 'false answers'

play --tap "$work/good.talk" "$work/bad.talk"
expect 'TAP' 1 'TAP version 13' '1..5' "ok 1 - $work/good.talk:2 how hot should the water be" "not ok 4 - $work/bad.talk:1" \
    'expected: "water, intent=heat"'

play --junit "$work/out.xml" "$work/good.talk" "$work/bad.talk"
expect 'JUnit beside the usual report' 1 '4 passed, 1 failed'
if command -v python3 > /dev/null; then
    python3 -c '
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
cases = root.findall("testsuite/testcase")
assert root.tag == "testsuites" and len(root) == 2 and len(cases) == 5, (root.tag, len(root), len(cases))
assert [c.find("failure") is not None for c in cases] == [False] * 3 + [True, False]
' "$work/out.xml"
    verdict 'JUnit is well-formed'
else
    echo 'ok JUnit is well-formed # SKIP no python3'
fi
play --junit "$work/no/such/folder/out.xml" "$work/good.talk"
expect 'JUnit that cannot be written' 74 'out.xml'

play --filter 'HOT should' "$work/good.talk" "$work/bad.talk"
expect 'filter by first question' 0 '1 passed, 0 failed'
play --filter bad.talk "$work/good.talk" "$work/bad.talk"
expect 'filter by file' 1 '1 passed, 1 failed'

play --filter nowhere "$work/good.talk"
expect 'a filter that lets nothing through' 1 "no first question holds 'nowhere'"
printf '> hello\n= chat intent=helo\n' > "$work/name.talk"
play "$work/name.talk"
expect 'an intent that there is not' 65 'name.talk:2:15: error: no intent: helo' "hint: did you mean 'hello'?"
play "$work/tea/pack.json"
expect 'a file that is no talk: one error' 65 'pack.json:1:1: error: neither' '1 error,'

cp "$work/bad.talk" "$work/blessed.talk"
play --bless "$work/blessed.talk"
expect 'bless' 0 '1 turn blessed' '2 passed, 0 failed'
sed 's/^= answer water intent=heat$/= answer steeping intent=time/' "$work/bad.talk" | cmp -s - "$work/blessed.talk"
verdict 'bless changes one line and keeps the rest'
cp "$work/good.talk" "$work/same.talk"
play --bless "$work/same.talk"
cmp -s "$work/good.talk" "$work/same.talk"
verdict 'bless leaves a good talk alone'

printf 'how hot should the water be\n  hello\n\nhow long does tea steep\n' > "$work/questions"
play --record "$work/questions"
expect 'record' 0 '> how hot should the water be' '= answer water intent=heat' '= chat intent=hello'
cp "$work/out" "$work/recorded.talk"
play "$work/recorded.talk"
expect 'what was recorded holds' 0 '3 passed, 0 failed'
"$docent" test --pack "$work/tea" --record - < "$work/questions" | cmp -s - "$work/recorded.talk"
verdict 'record from standard input'
"$docent" test --record "$work/questions" "$work/tea" | cmp -s - "$work/recorded.talk"
verdict 'record from a pack that is named as a word'
play --record "$work/questions" "$work/good.talk"
expect 'record takes no talks' 64 'good.talk'
play --record "$work/missing"
expect 'record of nothing' 66 'missing'

# A section may be called as an outcome is: what was recorded must hold all the same.
mkdir "$work/chatty"
sed 's/"water"/"chat"/; s/{water\./{chat./; s/"water": {/"chat": {/' "$work/tea/pack.json" > "$work/chatty/pack.json"
"$docent" test --pack "$work/chatty" --record "$work/questions" > "$work/chatty.talk" && grep -q '^= answer chat ' "$work/chatty.talk" &&
    "$docent" test --pack "$work/chatty" "$work/chatty.talk" > "$work/out" 2> "$work/err"
verdict 'a section that is called chat'

play "$work/set.jsonl"
expect 'a question set' 0 'plain             2      50.0      50.0        0.0               0' \
    'total             4      50.0      25.0       25.0               0'
play --failures "$work/set.jsonl"
expect 'failures of a question set' 0 '2  plain  turn 1  WRONG' 'no source of: water' '3  smalltalk  turn 2  MISSED' 'before:   hello'
play --fail-under 50 --wrong-over 25 "$work/set.jsonl"
expect 'demands that hold' 0 '2 passed, 0 failed'
play --fail-under 50.1 "$work/set.jsonl"
expect 'too few right' 1 'right at least 50.1 %' '0 passed, 1 failed'
play --wrong-over 24.9 "$work/set.jsonl"
expect 'too many wrong' 1 'wrong at most 24.9 %'
play --tap --fail-under 60 "$work/set.jsonl"
expect 'a demand in TAP' 1 '# total' 'not ok 1 - '
printf '{"id": "1"}\n' > "$work/broken.jsonl"
play "$work/broken.jsonl"
expect 'a broken question set' 65 'broken.jsonl:1:1: error'
play "$work/set.jsonl" "$work/folder/set.jsonl"
[ "$(grep -c '^total' "$work/out")" -eq 2 ]
verdict 'a table for each question set'

printf '> how hot is the water\n= answer water\n' > "$work/half.talk"
play --coverage "$work/half.talk"
expect 'coverage: a table' 0 'coverage        touched       of        %' 'sections              2        2    100.0' \
    'patterns              5        6     83.3' 'answers               3        3    100.0' '1 passed, 0 failed'
line=$(grep -n 'and how long' "$work/tea/pack.json" | cut -d: -f1)
expect 'coverage: what is not touched, and where' 0 'not touched' "$work/tea/pack.json:$line: pattern \"^and how long\$\""
play --coverage --fail-under 90 "$work/half.talk"
expect 'coverage: too little' 1 'patterns at least 90 %' 'came      83.33 %'
play --coverage --fail-under answers=100,patterns=80 "$work/half.talk"
expect 'coverage: a demand for each kind' 0 '3 passed, 0 failed'
play --tap --coverage --fail-under patterns=84 "$work/half.talk"
expect 'coverage in TAP' 1 '# patterns              5        6     83.3' 'not ok 2 - '
for wrong in 101 much answers answers= answers=x leaves=1; do
    play --coverage --fail-under "$wrong" "$work/half.talk"
    expect "coverage: no demand is '$wrong'" 64 "'$wrong'"
done

# --watch plays again when a talk changes; it is ended by its number.
if [ "$(uname)" = Linux ]; then
    cp "$work/good.talk" "$work/folder/watched.talk"
    "$docent" test --pack "$work/tea" --watch "$work/folder/watched.talk" > "$work/out" 2> "$work/err" &
    watching=$!
    runs() {
        tries=0
        while [ "$(grep -c passed "$work/out")" -lt "$1" ] && [ "$tries" -lt 100 ]; do
            sleep 0.1
            tries=$((tries + 1))
        done
        [ "$(grep -c passed "$work/out")" -ge "$1" ]
    }
    runs 1
    verdict 'watch plays once'
    cp "$work/bad.talk" "$work/folder/watched.talk"
    runs 2 && grep -q '1 passed, 1 failed' "$work/out"
    verdict 'watch plays again after a change'
    kill "$watching"
    wait "$watching" 2> /dev/null
fi

exit "$failed"
