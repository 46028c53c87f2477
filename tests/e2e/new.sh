#!/bin/sh
# docent new and docent export: packs made from nothing and from sheets. One line a case, `ok NAME` or `not ok NAME`.

cd "$(dirname "$0")/../.." || exit 74
docent=$(cd "$(dirname "${DOCENT:-build/cc/docent}")" && pwd)/docent
work=$(mktemp -d) || exit 74
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" HOME="$work"
cd "$work" || exit 74
failed=0

# run ARG...: docent; its output is in ./out and ./err, its exit status in $status.
run() {
    "$docent" "$@" > out 2> err
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
        sed 's/^/#   /' out err | head -n 20
        failed=1
    fi
}

says() { grep -qF -- "$1" out; }
warns() { grep -qF -- "$1" err; }
fails() { ! "$@"; }

# --- a pack to start from -------------------------------------------------------------------------------------

run new shop
check 'new: status 0' [ "$status" -eq 0 ]
check 'new: says how to go on' says 'docent chat --pack shop'
check 'new: nothing on stderr' [ ! -s err ]
for file in README.md pack.json words.json intents.json tests/first.talk schema/pack.schema.json; do
    check "new: makes $file" [ -s "shop/$file" ]
done
run check --strict shop
check 'new: passes check --strict' [ "$status" -eq 0 ]
run test --coverage --fail-under 100 shop
check 'new: passes its own tests, which touch all of it' [ "$status" -eq 0 ]
run ask --pack shop 'is the harbour brnch open?'
check 'new: answers' says 'Tuesday to Friday'

run new shop
check 'new: a folder that is not empty is left alone' [ "$status" -eq 66 ]
check 'new: and named' warns "the folder 'shop' is not empty"
mkdir empty
run new empty/ --quiet
check 'new: an empty folder is taken' [ "$status" -eq 0 ]
check 'new: --quiet says nothing' [ ! -s out ]
run new no/where
check 'new: no parent folder' [ "$status" -eq 74 ]
: > file
run new file
check 'new: a file is no folder' [ "$status" -eq 66 ]
run new
check 'new: no folder named' [ "$status" -eq 64 ]
run new a b
check 'new: two folders' [ "$status" -eq 64 ]

# --- a pack of a sheet ----------------------------------------------------------------------------------------

# from NAME: makes a pack of ./NAME.csv, read from standard input.
from() {
    cat > "$1.csv"
    run new "$1" --from "$1.csv"
}

# round NAME WHAT: the sheet comes out of its pack as it went in.
round() {
    check "$2: status 0" [ "$status" -eq 0 ]
    run export --csv "$1"
    check "$2: comes back byte for byte" cmp -s out "$1.csv"
}

from plain << 'END'
intent,question,answer,source
hours,When is the bakery open?,We open at 6 and close at 18.,Opening hours
hours,opening times of the bakery,,
hours,is the bakery open in the evening,,
bread,Which breads do you bake?,"Rye, spelt and ""the dark one"".
- {rye}
- spelt",Our breads
bread,what kinds of loaf are there,,
delivery,Do you deliver bread?,,
delivery,can bread be sent to my house,,
END
check 'sheet: says how many questions reach their intent' says '7 questions, 3 intents; 7 of the questions'
round plain 'a plain sheet'
run check plain
check 'sheet: the pack has no errors' [ "$status" -eq 0 ]
run test --pack plain plain/tests
check 'sheet: the pack passes its tests' [ "$status" -eq 0 ]
run test plain
check 'sheet: a pack stands for its tests' [ "$status" -eq 0 ]
run test --coverage --fail-under answers=100 plain
check 'sheet: and for their coverage' grep -qE '^answers +3 +3 +100' out
(cd plain && "$docent" test) > out 2>&1
check 'sheet: so does the folder one is in' grep -q '3 passed' out
run ask --pack plain 'which breads do you bake'
check 'sheet: braces and quotes come through' says '- {rye}'
check 'sheet: so does the source' says 'Source: Our breads'
run ask --json --pack plain 'do you deliver bread'
check 'sheet: what has no answer is declined' says '"outcome":"decline","intent":"delivery"'

from commas << 'END'
intent,question,answer
lost,"Hi, I lost my card, who pays?",You do.
lost,my card was stolen,
price,how much is a card,Two euros.
END
check 'sheet: a question with commas is one question' says '3 questions, 2 intents; 3 of the questions reach their own intent (100.0 %)'

from columns << 'END'
source,question,intent
Hours,When is the bakery open?,hours
,opening times of the bakery,hours
END
round columns 'other columns, and no answers'

from names << 'END'
intent,question,answer
Opening hours,When is the bakery open?,From 6.
"What, no cake?",is there any cake,Never.
what no cake,cake today,Not today.
Öffnung,when can I come by,At 6.
END
round names 'names that are no ids'
check 'names become ids' grep -q '"id": "what-no-cake-2"' names/intents.json

printf 'intent;question;answer\r\nhours;When is the bakery open?;From 6\r\nhours;opening times;From 6\r\n' | from semicolon
round semicolon 'semicolons, CR LF, answers repeated'
printf '\357\273\277"intent"\t"question"\n"hours"\t"When is the bakery open?"\n' > tabs.csv
run new tabs --from tabs.csv
round tabs 'tabs, a byte order mark, all in quotes'
printf 'intent,question,answer,source\nhours,When is the bakery open?,From 6,"Hours\nPrices"\n' | from sources
round sources 'two sources of one answer'

{
    echo 'intent,question,answer'
    for i in 1 2 3; do
        printf '\n%s,"Question number %s, with cheese?",Answer %s\n' "topic $i" "$i" "$i"
    done
} | from gaps
check 'empty lines are passed over' says '3 questions, 3 intents'

printf 'Intent , QUESTION,notes\nhours,When is the bakery open?,secret\n' | from notes
check 'a header in other letters is understood' [ "$status" -eq 0 ]
check 'a column that is left out is named' warns "column 'notes' is left out"

# --- sheets that are wrong ------------------------------------------------------------------------------------

# bad NAME MESSAGE: the sheet on standard input is refused, and no folder made.
bad() {
    from bad
    check "$1: status 65" [ "$status" -eq 65 ]
    check "$1: says so" warns "$2"
    check "$1: makes nothing" [ ! -e bad ]
}

printf 'a,b\nc,d\n' | bad 'no header' 'bad.csv:1:1: error: the first line does not name the columns'
printf '' | bad 'an empty sheet' 'does not name the columns'
printf 'intent,question\n' | bad 'a header alone' 'the sheet has no questions'
printf 'intent,question\n,what now\n' | bad 'no intent' 'bad.csv:2:1: error: the intent is missing'
printf 'intent,question\nhours,\n' | bad 'no question' "a question is missing in this row of intent 'hours'"
printf 'intent,question\nhours,"what\n' | bad 'an open quote' 'bad.csv:2:7: error: a quoted cell never ends'
printf 'intent,question\nhours,"what" now\n' | bad 'text behind a quote' 'bad.csv:2:13: error: a quoted cell goes on'
printf 'intent,question,answer\na,what is bread,x\na,what is rye,y\n' | bad 'two answers' 'bad.csv:3:15: error: intent '"'a'"' has another answer in line 2'
printf 'intent,question\na,caf\351\n' | bad 'Latin-1' 'the sheet is not UTF-8'
run new bad --from missing.csv
check 'a sheet that is not there' [ "$status" -eq 66 ]

# --- a pack as a sheet ----------------------------------------------------------------------------------------

run export shop
check 'export: status 0' [ "$status" -eq 0 ]
check 'export: says what is left out' warns 'left out: 3 intents'
check 'export: a header' [ "$(head -n 1 out)" = 'intent,question,answer,source' ]
check 'export: facts are put in' says 'borrow,How many books can I borrow?,"You can borrow **12 items** at a time, for **three weeks**.",Borrowing and returning'
check 'export: answers chosen by slots become intents' says 'hours-2,is the harbour branch open on Sunday'
cp out shop.csv
run new again --from shop.csv
check 'export: --from takes it back' [ "$status" -eq 0 ]
run export --quiet again
check 'export: and gives the same sheet' cmp -s out shop.csv
run export --csv missing
check 'export: a folder that is not there' [ "$status" -eq 66 ]
run export a b
check 'export: two folders' [ "$status" -eq 64 ]

# --- a large sheet --------------------------------------------------------------------------------------------

# 150 intents with 100 questions each, of words that are made up.
awk 'BEGIN {
    split("ba de fi go lu ma ne pi ro su ta ve zo ki mu", s, " ")
    split("how do i A my B|what is the B of A|can i A a B|why does the B A|where is the A B|is there a B for A|A B|who can A B", f, "|")
    print "intent,question,answer,source"
    for (i = 0; i < 150; i++)
        for (q = 0; q < 100; q++) {
            a = "x" s[i % 15 + 1] s[int(i / 15) + 1] s[q % 5 + 1]
            b = "q" s[int(i / 15) + 1] s[i % 15 + 1] s[int(q / 5) % 5 + 1]
            line = f[int(q / 25) * 2 + q % 2 + 1]
            gsub("A", a, line)
            gsub("B", b, line)
            printf "topic %d,%s,Answer %d.,Section %d\n", i, line, i, i % 20
        }
}' > large.csv
run new large --from large.csv
check 'a sheet of 15,000 questions: status 0' [ "$status" -eq 0 ]
check 'a sheet of 15,000 questions: 99 % reach their intent' grep -qE '\((99\.[0-9]|100\.0) %\)' out
run export large
check 'a sheet of 15,000 questions: comes back byte for byte' cmp -s out large.csv
run ask --pack large "$(sed -n '2s/^[^,]*,\([^,]*\),.*/\1/p' large.csv)"
check 'a sheet of 15,000 questions: answers' says 'Answer 0.'

exit $failed
