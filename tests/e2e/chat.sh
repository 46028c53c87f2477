#!/bin/sh
# docent chat with its input piped: what a script sees. One line a case, `ok NAME` or `not ok NAME`.

cd "$(dirname "$0")/../.." || exit 74
docent=${DOCENT:-build/cc/docent}
pack=${PACK:-intents/careers}
work=$(mktemp -d) || exit 74
trap 'rm -rf "$work"' EXIT
failed=0

# chat LINE...: talks, a line each; the replies are in $out, the exit status in $status.
chat() {
    printf '%s\n' "$@" | "$docent" chat --pack "$pack" > "$work/out" 2> "$work/err"
    status=$?
    out=$(cat "$work/out")
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
lacks() { ! has "$1"; }
lines_matching() { [ "$(grep -cE -- "$2" "$work/out")" -eq "$1" ]; }

chat 'how much do coders earn'
check 'a piped question is answered' has '$42,000'
check 'nothing but the answer: first line' [ "$(head -n 1 "$work/out")" = "${out%%
*}" ]
check 'no prompt' lacks '> '
check 'no greeting' lacks '/help'
check 'no colours' lacks "$(printf '\033')"
check 'no line is empty at the end' [ -n "$(tail -n 1 "$work/out")" ]
check 'status 0 at the end of input' [ "$status" -eq 0 ]
check 'nothing on stderr' [ ! -s "$work/err" ]
one=$out

chat '' 'how much do coders earn' '   ' ''
check 'empty lines are passed over' [ "$out" = "$one" ]

printf 'how much do coders earn\r\n' | "$docent" chat --pack "$pack" > "$work/out" 2> "$work/err"
check 'CR LF line ends' [ "$(cat "$work/out")" = "$one" ]

printf 'how much do coders earn' | "$docent" chat --pack "$pack" > "$work/out" 2> "$work/err"
check 'a last line without a line end' [ "$(cat "$work/out")" = "$one" ]

chat 'how much do coders earn' 'how much do coders earn' /quit
check 'an empty line between replies' [ "$out" = "$one

$one" ]

chat 'how much do coders earn' 'and billers?'
check 'a follow-up keeps the subject' has '$38,000'

chat 'how much do coders earn'
second=$(sed -n 's/^ *2[.)] *//p' "$work/out")
chat 'how much do coders earn' "$second"
asked=$out
chat 'how much do coders earn' 2
check 'a number asks the question listed' [ -n "$second" -a "$out" = "$asked" ]

chat /help
check '/help names every command' lines_matching 6 '^ +/(help|topics|why|reset|reload|quit) '

chat /topics
check '/topics lists sections with counts' lines_matching 1 '^ +coding-salary +[0-9]+  Average Medical Coding Salary'
check '/topics tells how to go on' has '/topics'

chat '/topics coding-salary'
check '/topics SECTION shows its heading' has 'Average Medical Coding Salary'
check '/topics SECTION numbers its questions' lines_matching 1 '^ +1\. .*\?$'
first=$(sed -n 's/^ *1\. *//p' "$work/out")
chat "$first"
asked=$out
chat '/topics coding-salary' 1
check 'a number behind /topics asks the question' [ "$(tail -n "$(echo "$asked" | wc -l)" "$work/out")" = "$asked" ]

chat '/topics SALARY'
check '/topics finds a part, in any case of letters' lines_matching 1 '^Average Medical Billing Salary'
check '/topics numbers on across sections' lines_matching 1 '^ +1\. '
chat '/topics no-such-section'
check '/topics with an unknown section' has 'No section'

chat /why
check '/why before any question' has 'Nothing was asked'
chat 'how much do coders earn' /why
check '/why tells of the intent' has 'salary.json'
chat 'how much do coders earn' /why 'and billers?'
check '/why leaves the conversation as it was' has '$38,000'

chat 'how much do coders earn' /reset /why
check '/reset forgets the last question' has 'Nothing was asked'
chat 'and for billers?'
fresh=$out
chat 'how much do coders earn' /reset 'and for billers?'
check '/reset forgets the subject' [ "$(tail -n "$(echo "$fresh" | wc -l)" "$work/out")" = "$fresh" ]

chat 'how much do coders earn' /reload 'and billers?'
check '/reload reads the packs again' has 'Read again'
check '/reload of the same packs keeps the talk' has '$38,000'

chat /quit 'how much do coders earn'
check '/quit leaves' [ "$status" -eq 0 -a -z "$out" ]
chat /exit 'how much do coders earn'
check '/exit leaves too' [ "$status" -eq 0 -a -z "$out" ]

chat /topcis
check 'an unknown command: did you mean' has 'Did you mean /topics?'
chat /qu
check 'the beginning of a command: did you mean' has 'Did you mean /quit?'
chat /zzzzzz
check 'a command like no other' has '/help lists'
chat '/reset everything'
check 'an argument too many' has 'takes nothing'
chat '  /HELP  '
check 'commands in any case, with space around' has '/topics'

long=$(awk 'BEGIN { for (i = 0; i < 20000; i++) printf "a" }')
chat "$long" 'how much do coders earn'
check 'a long line gets a reply, and the talk goes on' has '$42,000'
check 'a long line is told of on stderr' grep -q '16384' "$work/err"

printf 'how much do \000\033[31m\377 coders earn\n' | "$docent" chat --pack "$pack" > "$work/out" 2> "$work/err"
status=$?
check 'any bytes will do' [ "$status" -eq 0 -a -s "$work/out" ]
check 'control characters do not come back' lacks "$(printf '\033')"

: > "$work/out"
"$docent" chat --pack "$pack" < /dev/null > "$work/out" 2> "$work/err"
status=$?
check 'no input at all' [ "$status" -eq 0 -a ! -s "$work/out" ]

echo 'how much do coders earn' | "$docent" chat --pack "$pack" 2> "$work/err" >&-
status=$?
check 'closed stdout: status 74' [ "$status" -eq 74 ]
if [ -w /dev/full ]; then
    echo 'how much do coders earn' | "$docent" chat --pack "$pack" 2> "$work/err" > /dev/full
    status=$?
    check 'full disk: status 74' [ "$status" -eq 74 ]
fi
{
    yes 'how much do coders earn' | head -n 2000 | "$docent" chat --pack "$pack" 2> "$work/err"
    echo $? > "$work/status"
} | head -n 1 > "$work/out"
check 'a reader that leaves: status 74' [ "$(cat "$work/status")" -eq 74 ]
check 'a reader that leaves: quietly' [ ! -s "$work/err" ]

exit $failed
