# shellcheck shell=sh
# What happens on Discord, for tests against fake_discord; to be read behind fake.sh.

# use_fake_discord: docent finds it, with the Gateway and interactions over HTTP. The public key is the fake's.
use_fake_discord() {
    export DISCORD_API_URL="http://127.0.0.1:$fake/api/v10/" DISCORD_TOKEN=bot.token-for_tests \
        DISCORD_APPLICATION_ID=1100000000000000001 \
        DISCORD_PUBLIC_KEY=03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8
}

# account WORD: the number of that name in the fake's account.
account() { "$programs/fake_call" "$fake" GET /_discord/state | sed -nE "s/.*\"$1\":([0-9]+).*/\1/p"; }
# is WORD NUMBER: it is so now. Use with wait_for.
is() { [ "$(account "$1")" = "$2" ]; }
live() { look /_discord/state && has '"live":true'; }
clean() { look /_discord/state && has '"violations":[]' && has '"twice":0'; }

# say MEMBERS: somebody writes a message; its id in $id.  interact MEMBERS: a command or a click, by the Gateway.
say() { order /_discord/message "{$1}" && id=$(cat "$work/out"); }
interact() { order /_discord/interaction "{$1}" && id=$(cat "$work/out"); }
# over_http MEMBERS: the same over HTTP; "STATUS BODY" of docent's reply in out.
over_http() { order /_discord/interaction "{\"via\":\"http\",$1}"; }

# answered ID TEXT: what was said to the message or interaction of that id has TEXT (as in the JSON of the body).
answered() { wait_for eval "look '/_fake/log?path=/answer/$1' && sed 's/\\\\\"/\"/g' '$work/out' | grep -qF -- '$2'"; }
