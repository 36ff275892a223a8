#!/bin/sh
# The commands that README.md and docs/ show are there, with the options that they are shown with,
# and docs/mathematics.md tells what each group of rfim check is.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

grep -h '^    rfim [a-z]' "$RFIM_SOURCE_DIR/README.md" "$RFIM_SOURCE_DIR"/docs/*.md |
    sed 's/ #.*//' >../out/shown
[ -s ../out/shown ] || complain "README.md shows no command"
while read -r _ command rest; do
    succeed help "$command"
    for option in $(echo "$rest" | tr ' ' '\n' | sed -n 's/^\(--[a-z0-9-]*\).*/\1/p'); do
        grep -q -w -e "$option" ../out/stdout || complain "rfim $command takes no $option"
    done
done <../out/shown

run check --only nonsense
sed -n 's/.*the groups are: //p' ../out/stderr | tr ',' '\n' | sed 's/^ *//' >../out/groups
[ -s ../out/groups ] || complain "rfim check does not tell its groups: $(cat ../out/stderr)"
while read -r group; do
    grep -q "^| $group |" "$RFIM_SOURCE_DIR/docs/mathematics.md" ||
        complain "docs/mathematics.md does not tell what the group $group of rfim check is"
done <../out/groups
finish
