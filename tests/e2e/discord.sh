#!/bin/sh
# docent on Discord: the real program against a fake Discord. Messages, commands, clicks, completion; by the Gateway and
# over HTTP. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/discord.sh

heat='how hot should the oven be'
rise='how long does dough rise'

start_fake discord || exit 74
use_fake_discord
check 'docent starts' start_docent
order /_discord/set "{\"docent_port\":$port}"
check 'the link comes up' wait_for live
check 'and docent says that it is healthy' wait_for healthy
check 'healthz names the link' has '"shard 0"'

# --- messages

say "\"content\":\"$heat?\""
check 'a mention is answered' answered "$id" '230'
check '… as a reply' answered "$id" 'message_reference'
check '… with the next question as a button' answered "$id" 'd1:q:How'
check '… and two to say whether it helped' answered "$id" "d1:up:m$id:heat"
check '… notifying nobody' answered "$id" '"allowed_mentions":{"parse":[],'
check '… with a nonce' answered "$id" "d$id"
say "\"content\":\"$rise?\",\"direct\":true"
check 'a direct message is answered' answered "$id" '90'
check '… not as a reply' not has message_reference
say "\"content\":\"$heat\",\"mention\":false,\"reply\":true"
check 'a reply to docent is answered' answered "$id" '230'
say '"content":""'
check 'its name alone is answered' answered "$id" 'content'
check '… without complaint' not has 'cannot read'
say '"content":"","mention":false,"reply":true'
check 'a reply that Discord keeps from us is answered with a hint' answered "$id" '/ask'
say "\"content\":\"$heat\",\"mention\":false,\"uncounted\":true"
say "\"content\":\"$heat\",\"bot\":true,\"uncounted\":true"
say "\"content\":\"$heat\",\"repeat\":true"
check 'an event that comes twice is answered' answered "$id" '230'

# --- commands

interact "\"question\":\"$heat\""
check '/ask is answered' answered "$id" '230'
check '… with the question, for those who did not see it' answered "$id" '> how'
interact "\"question\":\"$rise\",\"private\":true"
check '/ask private is answered for one person' answered "$id" '"flags":68'
check '… with a button to share it' answered "$id" "d1:sh:i$id"
private=$id
interact '"name":"topics","uncounted":true'
check '/topics lists what can be asked' answered "$id" 'How hot should'
interact '"kind":"typing","question":"how ho"'
check 'what is typed is completed' answered "$id" 'choices'

# --- clicks

interact '"kind":"click","custom_id":"d1:q:How long does dough rise?"'
check 'a click on a question is answered' answered "$id" '90'
interact "\"kind\":\"click\",\"custom_id\":\"d1:up:m$id:heat\",\"quiet\":true"
check 'a click on Helpful is thanked for' answered "$id" 'Thanks'
interact "\"kind\":\"click\",\"custom_id\":\"d1:sh:i$private\",\"quiet\":true"
check 'a click on Share shows the answer to everybody' answered "$id" '"flags":4,'
check '… the answer that it was' answered "$id" '90'
interact '"kind":"click","custom_id":"d1:sh:i1","quiet":true'
check 'what is too old to be shared is said to be so' answered "$id" 'too'
interact '"kind":"click","custom_id":"from another time","uncounted":true'
check 'a button of another version is answered, too' answered "$id" 'no'

# --- over HTTP

over_http '"kind":"ping"'
check 'http: a ping is answered' grep -qx '200 {"type":1}' "$work/out"
over_http "\"question\":\"$heat\""
check 'http: /ask is answered in the reply' grep -qE '^200 \{"type":4,.*230 degrees' "$work/out"
over_http "\"question\":\"$rise\",\"private\":true"
check 'http: … for one person' grep -qE '^200 \{"type":4,.*"flags":68,.*d1:sh:i' "$work/out"
over_http '"kind":"typing","question":"rise doug"'
check 'http: what is typed is completed' grep -qF '{"type":8,"data":{"choices":[{"name":"How long does dough rise?"' "$work/out"
over_http '"kind":"click","custom_id":"d1:q:How hot should the oven be?","quiet":true'
check 'http: a click is answered' grep -qE '^200 \{"type":4,.*230 degrees' "$work/out"
over_http '"kind":"click","custom_id":"d1:no:m1:heat"'
check 'http: Not helpful is thanked for' grep -qE '^200 \{"type":4,.*Thanks' "$work/out"
over_http '"name":"topics"'
check 'http: /topics' grep -qE '^200 \{"type":4,.*How hot should' "$work/out"
over_http '"kind":"click","custom_id":"strange"'
check 'http: a strange button is answered' grep -qE '^200 \{"type":4,.*no longer known' "$work/out"

# --- the account

check 'everything was answered' wait_for is open 0
check 'nothing twice, and nothing that Discord forbids' clean
request GET /metrics
check 'feedback is counted' has 'docent_feedback_total{platform="discord",answer="helpful"} 1'
check 'the repeated event was noticed' has 'docent_duplicates_total{platform="discord"} 1'
check 'the log has no words of people and no token' not logged 'oven|tok-|bot.token'
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]

# --- again: the session goes on

say "\"content\":\"$heat\""
check 'docent starts again' start_docent
check 'the session is resumed' wait_for is resumed 1
check 'what was asked in between is answered' answered "$id" '230'
check 'nothing twice, and nothing that Discord forbids' clean

exit $failed
