#!/bin/sh
# The JSON Schemas of packs and of the settings, with an independent validator: the project's files pass, and what is
# broken is rejected by it and by docent. One line a case, `ok NAME` or `not ok NAME`.

cd "$(dirname "$0")/../.." || exit 74
docent=${DOCENT:-build/cc/docent}
if ! python3 -c 'import jsonschema' 2> /dev/null; then
    echo 'ok schemas # SKIP python3-jsonschema missing'
    exit 0
fi
work=$(mktemp -d) || exit 74
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME="$work/cache" XDG_CONFIG_HOME="$work/config" HOME="$work"
failed=0

cat > "$work/validate.py" << 'END'
"""validate.py SCHEMA FILE...: JSON with comments against a schema; prints what does not fit, and fails then."""
import json
import re
import sys

import jsonschema


def load(name):
    with open(name, encoding="utf-8") as file:
        text = file.read()
    strings_or_comments = r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/'
    return json.loads(re.sub(strings_or_comments, lambda m: m.group(1) or "", text, flags=re.S))


schema = load(sys.argv[1])
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
faults = [f"{name}: {'/'.join(map(str, e.path))}: {e.message[:200]}"
          for name in sys.argv[2:] for e in validator.iter_errors(load(name))]
print("\n".join(faults))
sys.exit(bool(faults))
END

cat > "$work/explained.py" << 'END'
"""explained.py SCHEMA...: every key has a description, its own or that of what it refers to; prints those that have none."""
import json
import sys

bad = []


def walk(schema, node, path):
    for key, value in node.get("properties", {}).items():
        target = value
        while "description" not in target and "$ref" in target:
            target = schema["definitions"][target["$ref"].rsplit("/", 1)[1]]
        if "description" not in target:
            bad.append(f"{path}/{key}")
        walk(schema, value, f"{path}/{key}")
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            walk(schema, node[key], f"{path}/{key}")


for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        schema = json.load(file)
    walk(schema, schema, name)
    for key, value in schema.get("definitions", {}).items():
        walk(schema, value, f"{name}#{key}")
print("\n".join(bad))
sys.exit(bool(bad))
END

# check NAME COMMAND...: one case, passed if the command succeeds.
check() {
    name=$1
    shift
    if "$@" > "$work/out" 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/#   /' "$work/out" | head -n 20
        failed=1
    fi
}

fails() { ! "$@"; }
valid() { python3 "$work/validate.py" "$@"; }

check 'every key is explained to editors' python3 "$work/explained.py" intents/pack.schema.json config/docent.schema.json
for pack in intents/*/; do
    check "the schema accepts $pack" valid intents/pack.schema.json "$pack"*.json
done
check 'the schema accepts the pack that docent new makes' valid intents/pack.schema.json src/cmd/new/*.json
check 'the schema accepts the settings' valid config/docent.schema.json config/docent.json
check 'docent accepts the settings' "$docent" check --config config/docent.json --pack src/cmd/new

printf 'intent,question,answer,source\nhours,"When, then, are you open?","At {nine}\n- really",Hours\nprice,what does it cost,,\n' \
    > "$work/sheet.csv"
check 'docent new --from makes a pack' "$docent" new "$work/sheet" --from "$work/sheet.csv"
check 'the schema accepts it' valid intents/pack.schema.json "$work"/sheet/*.json

# --- what is broken -------------------------------------------------------------------------------------------

pack='"pack": {"name": "p", "title": "P"}, "sections": [{"id": "s", "heading": "S"}]'
answers='"answers": [{"text": "Yes.", "sources": ["s"]}]'

# broken NAME JSON: a pack file that neither takes.
broken() {
    mkdir -p "$work/broken"
    printf '%s\n' "$2" > "$work/broken/pack.json"
    check "the schema rejects $1" fails valid intents/pack.schema.json "$work/broken/pack.json"
    check "docent rejects $1" fails "$docent" check "$work/broken"
}

mkdir -p "$work/sound"
printf '{%s, "intents": [{"id": "a", "patterns": ["how is bread"], %s}]}\n' "$pack" "$answers" > "$work/sound/pack.json"
check 'the schema accepts what the broken ones are made of' valid intents/pack.schema.json "$work/sound/pack.json"
check 'docent accepts it' "$docent" check "$work/sound"

broken 'an unknown key at the top'      "{$pack, \"intentions\": []}"
broken 'a pack without a title'         '{"pack": {"name": "p"}}'
broken 'a section without a heading'    '{"pack": {"name": "p", "title": "P"}, "sections": [{"id": "s"}]}'
broken 'a name with capitals'           '{"pack": {"name": "p", "title": "P"}, "sections": [{"id": "S", "heading": "S"}]}'
broken 'a figure that is no text'       "{$pack, \"facts\": {\"s\": {\"price\": 5}}}"
broken 'an empty list as a fact'        "{$pack, \"facts\": {\"s\": {\"price\": []}}}"
broken 'a word group without members'   "{$pack, \"words\": {\"cost\": []}}"
broken 'an entity without values'       "{$pack, \"entities\": {\"size\": {\"values\": {}}}}"
broken 'a value without phrases'        "{$pack, \"entities\": {\"size\": {\"values\": {\"big\": {\"label\": \"big\"}}}}}"
broken 'a misspelt key of an intent'    "{$pack, \"intents\": [{\"id\": \"a\", \"patern\": [\"x y\"], $answers}]}"
broken 'an intent without answers'      "{$pack, \"intents\": [{\"id\": \"a\", \"patterns\": [\"how is bread\"]}]}"
broken 'an unknown kind'                "{$pack, \"intents\": [{\"id\": \"a\", \"kind\": \"joke\", $answers}]}"
broken 'an answer without a text'       "{$pack, \"intents\": [{\"id\": \"a\", \"answers\": [{\"sources\": [\"s\"]}]}]}"
broken 'patterns that are no list'      "{$pack, \"intents\": [{\"id\": \"a\", \"patterns\": \"how is bread\", $answers}]}"
broken 'a capital letter in a pattern'  "{$pack, \"intents\": [{\"id\": \"a\", \"patterns\": [\"how is Bread\"], $answers}]}"
broken 'an after that is no list'       "{$pack, \"intents\": [{\"id\": \"a\", \"after\": {}, $answers}]}"
broken 'another language'               '{"pack": {"name": "p", "title": "P", "language": "xx"}}'

# wrong NAME JSON: settings that neither takes.
wrong() {
    printf '%s\n' "$2" > "$work/docent.json"
    check "the schema rejects $1" fails valid config/docent.schema.json "$work/docent.json"
    check "docent rejects $1" fails "$docent" check --config "$work/docent.json" --pack "$work/sound"
}

wrong 'an unknown setting'         '{"colour": "never"}'
wrong 'an unknown choice'          '{"color": "sometimes"}'
wrong 'a width out of bounds'      '{"width": 5}'
wrong 'a width in words'           '{"width": "wide"}'
wrong 'packs that are no list'     '{"packs": "careers"}'
wrong 'a pack without a name'      '{"packs": [""]}'

exit $failed
