#!/bin/sh
# docs/cli.md quotes the command's help word for word.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

page=$RFIM_SOURCE_DIR/docs/cli.md
quotes=$(sed -n 's/^<!-- rfim \(.*\) -->$/\1/p' "$page")
[ -n "$quotes" ] || complain "docs/cli.md quotes nothing"
echo "$quotes" >../out/quotes
while read -r arguments; do
    awk -v mark="<!-- rfim $arguments -->" '
        $0 == mark { found = 1; next }
        found && /^```/ { if (inside) exit; inside = 1; next }
        inside { print }' "$page" >../out/quoted
    succeed $arguments
    diff ../out/quoted ../out/stdout >../out/difference ||
        complain "docs/cli.md and rfim $arguments differ (scripts/quote-help.sh mends it):
$(cat ../out/difference)"
done <../out/quotes
finish
