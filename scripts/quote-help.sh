#!/bin/sh
# Puts the help of the command into docs/cli.md, behind each line <!-- rfim ARGUMENTS -->.
# usage: scripts/quote-help.sh [COMMAND]   (default build/rfim)
set -eu
cd "$(dirname "$0")/.."
rfim=${1:-build/rfim}
page=docs/cli.md
new=$(mktemp)
trap 'rm -f "$new"' EXIT

skip=no
while IFS= read -r line; do
    if [ $skip = yes ]; then
        # The old quote: from ``` to ```.
        [ "$line" = '```' ] && skip=no
        continue
    fi
    printf '%s\n' "$line"
    case $line in
    '<!-- rfim '*' -->')
        arguments=${line#<!-- rfim }
        arguments=${arguments% -->}
        printf '```text\n'
        # shellcheck disable=SC2086
        "$rfim" $arguments
        printf '```\n'
        IFS= read -r line # ```text
        skip=yes
        ;;
    esac
done <$page >"$new"
cat "$new" >$page
