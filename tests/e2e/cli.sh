#!/bin/sh
# The command line as such: commands, options, settings, packs that are wrong, and every exit status.
# One line a case, `ok NAME` or `not ok NAME`.

cd "$(dirname "$0")/../.." || exit 74
docent=${DOCENT:-build/cc/docent}
work=$(mktemp -d) || exit 74
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" HOME="$work"
failed=0

# run WORD...: output in out and err, status in $status.
run() {
    "$docent" "$@" < /dev/null > "$work/out" 2> "$work/err"
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
quiet() { [ ! -s "$work/out" ]; }
silent() { [ ! -s "$work/err" ]; }
ended() { [ "$status" -eq "$1" ]; }

# pack NAME PATTERN: a pack with this pattern, on line 9.
pack() {
    mkdir -p "$work/$1"
    cat > "$work/$1/pack.json" << END
{
  "pack": {"name": "$1", "title": "Bread", "version": "1", "language": "en", "guide": {"title": "Bread"},
    "messages": {"decline": ["No."], "decline_near": ["But:"], "clarify": ["Which?"], "unclear": ["What?"]},
    "next": ["How hot should the oven be?"]},
  "sections": [{"id": "oven", "heading": "The oven"}],
  "facts": {"oven": {"heat": "230 degrees"}},
  "intents": [{"id": "heat", "title": "Heat",
    "patterns":
      ["$2"],
    "examples": ["How hot should the oven be?", "what oven temperature", "oven heat setting"],
    "answers": [{"text": "Bake at {oven.heat}."}]},
   {"id": "hello", "title": "Hello", "kind": "chat", "patterns": ["^hello$"],
    "examples": ["hello", "good morning", "nice to meet you"], "answers": [{"text": "Hello baker."}]},
   {"id": "thanks", "title": "Thanks", "kind": "chat", "patterns": ["^thank you$"],
    "examples": ["thank you", "many thanks", "that was useful"], "answers": [{"text": "You are welcome."}]}]
}
END
}
pack good 'how hot ... oven'
pack broken 'how hot (should|must the oven'
pack warm 'how warm ... oven'
heat='how hot should the oven be'

# --- commands

run
check 'no command, no terminal: an overview' has 'Usage: docent'
check 'no command, no terminal: status 0' ended 0
for words in --help -h 'nonsense --help' '--nonsense -h'; do
    # shellcheck disable=SC2086  # words
    run $words
    check "$words: the help" has 'Examples:'
    check "$words: status 0" ended 0
done
for command in ask chat check test new export serve post slack discord doctor report; do
    run --help
    check "$command is in the help" grep -q "^  $command " "$work/out"
    for words in "$command --help" "$command -h" "--help $command" "$command --nonsense --help"; do
        # shellcheck disable=SC2086
        run $words
        check "$words: its help" has "Usage: docent $command"
    done
    check "$command: examples come first" [ "$(grep -n Examples: "$work/out" | cut -d: -f1)" -lt "$(grep -n Usage: "$work/out" | cut -d: -f1)" ]
    run "$command" --nonsense
    check "$command --nonsense: status 64" ended 64
    check "$command --nonsense: named" says "unknown option '--nonsense'"
done
run --version
check '--version' grep -qE '^docent [0-9]+\.[0-9]+\.[0-9]+$' "$work/out"
run ask -V
check '-V behind a command' has 'docent '
run chekc
check 'unknown command: status 64' ended 64
check 'unknown command: did you mean' says "unknown command 'chekc', did you mean 'check'?"
check 'unknown command: nothing on stdout' quiet
run elephant
check 'unknown command without a near one' says "unknown command 'elephant'"
run che
check 'no abbreviations' ended 64
run --pakc x ask
check 'unknown option in front' says "did you mean '--pack'?"
check 'unknown option in front: status 64' ended 64
run ask --pack
check 'a value is missing: status 64' ended 64
run chat word
check 'chat takes no words: status 64' ended 64
run --pack "$work/good" ask "$heat"
check 'common options may stand in front' has '230 degrees'
run ask "$heat" --pack="$work/good"
check 'options may stand behind' has '230 degrees'
run ask -p"$work/good" "$heat"
check 'a letter with its value' has '230 degrees'

# --- packs

run check "$work/good"
check 'check: good' has '0 errors, '
check 'check: status 0' ended 0
run check --quiet "$work/good"
check 'check --quiet: status 0' ended 0
run check "$work/broken"
check 'check: file, line and column' grep -qE '^[^ ]*/broken/pack\.json:9:[0-9]+: error: ' "$work/out"
check 'check: the line' grep -qF '9 |       ["how hot (should|must the oven"]' "$work/out"
check 'check: the caret' grep -qE '^ +\| +\^$' "$work/out"
check 'check: the count' has '1 error, 0 warnings in 1 file'
check 'check: status 1' ended 1
run check "$work/good" "$work/broken"
check 'check: several folders are counted together' has 'in 2 files'
check 'check: several folders, status 1' ended 1
run check "$work/nowhere" "$work/broken"
check 'check: an unreadable folder, status 66' ended 66
check 'check: and the others all the same' has 'broken/pack.json:9:'
run check
check 'check: the packs that docent comes with' ended 0

run ask --pack "$work/broken" "$heat"
check 'a broken pack: status 65' ended 65
check 'a broken pack: its place' grep -qE 'broken/pack\.json:9:[0-9]+: error: ' "$work/err"
check 'a broken pack: the count' says '1 error, 0 warnings in 1 file'
check 'a broken pack: nothing on stdout' quiet
mkdir "$work/syntax"
printf '{\n  "pack": {,}\n}\n' > "$work/syntax/pack.json"
run ask --pack "$work/syntax" "$heat"
check 'not JSON: status 65' ended 65
check 'not JSON: its place' grep -qE 'syntax/pack\.json:2:[0-9]+: error: ' "$work/err"
run ask --pack "$work/nowhere" "$heat"
check 'no such folder: status 66' ended 66
check 'no such folder: named' says "$work/nowhere"
mkdir "$work/unreadable"
mkdir "$work/unreadable/pack.json"
run ask --pack "$work/unreadable" "$heat"
check 'a file that cannot be read: status 66' ended 66
check 'a file that cannot be read: named' says "unreadable/pack.json'"
mkdir "$work/large"
dd if=/dev/zero of="$work/large/pack.json" bs=1048577 count=4 2> /dev/null
run ask --pack "$work/large" "$heat"
check 'a file past 4 MiB: status 65' ended 65
mkdir "$work/many"
i=0
while [ $i -lt 201 ]; do
    echo '{}' > "$work/many/$i.json"
    i=$((i + 1))
done
run ask --pack "$work/many" "$heat"
check 'more than 200 files: status 65' ended 65
run chat --pack "$work/broken"
check 'chat with a broken pack: status 65' ended 65

# --- settings

mkdir -p "$work/config/docent"
config=$work/config/docent/docent.json
printf '{\n  // a comment\n  "packs": ["../../good"]\n}\n' > "$config"
run ask "$heat"
check 'config: packs, beside the file' has '230 degrees'
(cd "$work" && case $docent in /*) ;; *) docent=$OLDPWD/$docent ;; esac &&
    XDG_CONFIG_HOME=config "$docent" ask "$heat" > out 2> err)
check 'a relative XDG_CONFIG_HOME is ignored' [ "$(grep -c '230 degrees' "$work/out")" -eq 0 ]
DOCENT_PACKS=$work/warm run ask --json "$heat"
check 'the environment wins over the config' [ "$(grep -c '"pack":"good"' "$work/out")" -eq 0 ]
DOCENT_PACKS=$work/nowhere run ask "$heat"
check 'the environment is read' ended 66
DOCENT_PACKS=$work/nowhere run ask --pack "$work/good" "$heat"
check 'flags win over the environment' has '230 degrees'
printf '{"packs": ["%s/nowhere"]}\n' "$work" > "$work/other.json"
run ask --config "$work/other.json" "$heat"
check '--config wins over the usual file' ended 66
DOCENT_CONFIG=$work/other.json run ask "$heat"
check 'DOCENT_CONFIG' ended 66
printf '{\n  "pakcs": ["x"]\n}\n' > "$config"
run ask "$heat"
check 'an unknown setting: status 78' ended 78
check 'an unknown setting: its place' grep -qE 'docent\.json:2:3: error: ' "$work/err"
check 'an unknown setting: did you mean' says 'packs'
printf '{\n  "packs": true\n}\n' > "$config"
run ask "$heat"
check 'a wrong setting: status 78' ended 78
check 'a wrong setting: its place' grep -qE 'docent\.json:2:12: error: ' "$work/err"
printf '{\n  "packs": [\n}\n' > "$config"
run check "$work/good"
check 'a config that is not JSON: status 78' ended 78
rm "$config"
run ask --config "$work/none.json" "$heat"
check 'no such config: status 78' ended 78
check 'no such config: named' says 'none.json'
printf '{"slack": {"per_minute": "x", "alowed": []},\n "discord": [], "ca_file": true}' > "$work/groups.json"
run ask --config "$work/groups.json" "$heat"
check 'settings in groups: status 78' ended 78
check 'settings in groups: a wrong value has its place' says "groups.json:1:26: error: 'slack.per_minute' is not a number"
check 'settings in groups: an unknown one has a hint' says "did you mean 'slack.allowed'?"
check 'settings in groups: no group' says "groups.json:2:13: error: 'discord' is not an object of settings"
check 'settings in groups: a text' says "'ca_file' is not a text"
DOCENT_COLOR=purple run ask "$heat"
check 'a wrong variable: status 78' ended 78
check 'a wrong variable: named' says 'DOCENT_COLOR'

# --- the man page

if [ -f src/cmd/docent.1 ]; then
    # Long options of a help text; mdoc writes --name as "Fl -name".
    for command in '' ask chat check test new export serve report; do
        # shellcheck disable=SC2086
        run $command --help
        for name in $(sed -nE 's/^  (-.,|   ) --([a-z-]+).*/\2/p' "$work/out"); do
            grep -qE "Fl -$name( |\$)" src/cmd/docent.1 || echo "${command:-docent} --$name" >> "$work/missing"
        done
    done
    : > "$work/out"
    cp "$work/missing" "$work/err" 2> /dev/null
    check 'the man page has every option' [ ! -e "$work/missing" ]
    for status in 0 1 64 65 66 69 70 74 75 78; do
        grep -qE "^\.It (Er )?$status\$" src/cmd/docent.1 || echo "$status" >> "$work/no-status"
    done
    check 'the man page has every exit status' [ ! -e "$work/no-status" ]
    if command -v mandoc > /dev/null; then
        mandoc -T lint -W warning src/cmd/docent.1 > "$work/out" 2>&1
        check 'mandoc finds no fault' quiet
    fi
fi

"$docent" --help >&- 2> "$work/err"
status=$?
check 'closed stdout: status 74' ended 74

exit $failed
