# shellcheck shell=sh
# A fake Slack and a fake Discord at once, to be read behind fake.sh, slack.sh and discord.sh.

# start_both SETTINGS: starts them; docent finds both, with these settings. Orders go to Discord.
start_both() {
    start_fake slack || return 1
    slack=$fake
    use_fake_slack
    mkfifo "$work/second.in"
    "$programs/fake_discord" < "$work/second.in" > "$work/second.port" 2> "$work/second.err" &
    exec 7> "$work/second.in"
    wait_for test -s "$work/second.port" || return 1
    discord=$(cat "$work/second.port")
    on_discord
    use_fake_discord
    mkdir -p "$XDG_CONFIG_HOME/docent"
    echo "$1" > "$XDG_CONFIG_HOME/docent/docent.json"
}

# To which of the two the next orders go.
on_slack() { fake=$slack; }
on_discord() { fake=$discord; }

# Tells both where docent listens, which is elsewhere after each start.
introduce() {
    on_slack
    order /_slack/docent "{\"port\":$port}"
    on_discord
    order /_discord/set "{\"docent_port\":$port}"
}
