#!/bin/sh
# What somebody may write who means harm, on Slack and Discord at once: mentions of everybody, marks, links, lines for the
# log. And what must never be shown whatever goes wrong: secrets. One line a case.

cd "$(dirname "$0")/../.." || exit 74
. tests/e2e/parts/fake.sh
. tests/e2e/parts/slack.sh
. tests/e2e/parts/discord.sh
. tests/e2e/parts/both.sh

heat='how hot should the oven be'
start_both '{"discord": {"per_minute": 0}, "slack": {"per_minute": 0, "channel_gap_ms": 1}}' || exit 74
check 'docent starts on both, telling all it can' start_docent --verbose
introduce
check 'every link is up' wait_for healthy

# --- Discord: what a person wrote is said again to others by a public /ask, and by Share

on_discord
# as Discord shows it: backslashes off, which the log doubles
said() { look "/_fake/log?path=/answer/$id" && sed 's/\\\\\\\\/\\/g; s/\\\\/\\/g; s/\\"/"/g' "$work/out" > "$work/said"; }
harmless() {
    said && ! grep -qE '@everyone|@here|<@|<#|</|<:|<a:|<t:|<id:' "$work/said" &&
        ! grep -qE '(^|[^\\])(\[click|\|\|spoiler|\*\*bold|`code)' "$work/said"
}
evil='@everyone @here <@1100000000000000002> <@!70> <@&5> <#60> </ask:1> <:a:1> <t:1> <id:customize> [click](https://evil.example) ||spoiler|| **bold** `code`'
interact "\"question\":\"$heat? $evil\""
check 'Discord: /ask with all of it is answered' answered "$id" '230'
check '… and says none of it again' harmless
check '… notifying nobody' grep -qF '"allowed_mentions":{"parse":[],"replied_user":false}' "$work/said"
interact "\"question\":\"$heat? $evil\",\"private\":true"
check 'Discord: the same for one person' answered "$id" 'd1:sh:i'
private=$id
interact "\"kind\":\"click\",\"custom_id\":\"d1:sh:i$private\",\"quiet\":true"
check '… shared with everybody' answered "$id" '230'
check '… says none of it again' harmless
check '… notifying nobody' grep -qF '"allowed_mentions":{"parse":[],"replied_user":false}' "$work/said"
interact "\"question\":\"$heat?\\n# a heading\\n-# small\\n1. list\\n> quote\\n- item\""
check 'Discord: lines of a question' answered "$id" '230'
check '… are one line when they are said again' eval 'said && grep -qF "> $heat? a heading small 1. list quote - item\\nBake" "$work/said"'

# --- Slack: the same by Share

on_slack
evil='<!here> <!channel> <!everyone> &lt;!here&gt; &lt;@U2&gt; &lt;#C2&gt; &lt;https://evil.example|click&gt; <!subteam^S1|@coders> *bold* _it_ `code`'
send socket slash_commands "$(command 71.1 "$heat? $evil")"
check 'Slack: /ask with all of it is acknowledged' acknowledged
check '… and answered' came 1 /hook/71.1
look '/_fake/log?path=/hook/71.1'
of='{\"of\":\"slack:T0DOCENT1:command:71.1\",\"intent\":\"heat\"}'
send socket interactive "$(click 72.1 docent_share "$of" '"is_ephemeral":true')"
check '… shared with everybody' came 1 /hook/72.1 in_channel
look '/_fake/log?path=/hook/'
check '… it is the answer' has '230'
check '… and no mention, channel or link is in it' not grep -qE '<(!|#|https?:|@U2|@S1)' "$work/out"
send socket events_api "$(mention 73.1 "$heat? $evil")"
check 'Slack: a mention with all of it is answered' came 1 /api/chat.postMessage '"thread_ts":"73.1"'
look '/_fake/log?path=/api/chat.postMessage'
check '… and no mention, channel or link is in it' not grep -qE '<(!|#|https?:|@U2|@S1)' "$work/out"

# --- lines that somebody would like to see in the log

forged='\nerror serve.forged x=1\r\u2028error serve.forged x=1\u001b[2Kerror serve.forged x=1\u0085'
on_discord
say "\"content\":\"$heat?$forged\""
check 'log: a forged line in a question' answered "$id" '230'
request POST /v1/ask "{\"conversation\": \"c\\nerror serve.forged x=1\", \"text\": \"$heat?$forged\"}"
check 'log: … by HTTP' has '230'
request GET '/x%0aerror%20serve.forged'
check 'log: … in a path' [ "$status" = 404 ]
order /_fake/ws '{"do":"close","code":4000,"reason":"\nerror serve.forged x=1"}'
check 'log: … in the reason of a close frame' wait_for logged "link_closed.*code=4000.*serve.forged"
wait_for live
check 'log: what was asked is there, as it is meant to be' logged 'desk.asked.*serve.forged'
check 'log: but is no line of its own' not logged '^error serve.forged'
check 'log: nor moves the cursor' eval '! LC_ALL=C grep -q "$(printf "[\001-\010\013-\037\177]")" "$work/log"'
check 'log: nor ends a line in another way' not logged "$(printf '\342\200\250|\302\205|\342\200\256')"

# --- secrets, while all goes wrong

on_discord
order /_fake/fault '{"path":"/api/v10/","do":"status","status":500,"times":2}'
say "\"content\":\"$heat\""
check 'trouble at Discord: answered later' answered "$id" '230'
order /_fake/ws '{"do":"close","code":4003}'
check 'a session begun anew' wait_for logged 'code=4003'
wait_for live
order /_discord/set '{"bad_token":true}'
say "\"content\":\"$heat\",\"uncounted\":true"
check 'a token that was reset' wait_for logged 'discord.dead'
on_slack
send http events_api "$(mention 74.1 "$heat")" '"sign":"bad"'
order /_fake/fault '{"path":"/hook/","do":"reset"}'
send socket slash_commands "$(command 74.2 "$heat")"
check 'a response_url that breaks' wait_for logged "outbox.unsure platform=slack"
request GET /metrics
cp "$work/out" "$work/shown"
request GET /healthz
cat "$work/out" "$work/log" >> "$work/shown"
[ ! -r "/proc/$server/cmdline" ] || tr '\0' ' ' < "/proc/$server/cmdline" >> "$work/shown"
check 'no token, key, hook or ticket is in the log, in metrics, in healthz, or in ps' \
    not grep -nE 'bot\.token|xoxb-|xapp-|signing-secret|tok-[0-9]|/hook/|ticket=|03a107bf' "$work/shown"
stop_docent
check 'SIGTERM ends it with status 0' [ "$status" = 0 ]

exit $failed
