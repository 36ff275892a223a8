#!/bin/sh
# docs/ quotes what the examples print word for word: the block after <!-- examples/NAME -->.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

marks=$(grep -ho '^<!-- examples/[a-z_]* -->$' "$RFIM_SOURCE_DIR"/docs/*.md)
[ -n "$marks" ] || complain "docs/ quotes no example"
for page in "$RFIM_SOURCE_DIR"/docs/*.md; do
    sed -n 's/^<!-- examples\/\([a-z_]*\) -->$/\1/p' "$page" >../out/names
    while read -r name; do
        awk -v mark="<!-- examples/$name -->" '
            $0 == mark { found = 1; next }
            found && /^```/ { if (inside) exit; inside = 1; next }
            inside { print }' "$page" >../out/quoted
        "$RFIM_BINARY_DIR/examples/$name" >../out/printed || complain "examples/$name fails"
        diff ../out/quoted ../out/printed >../out/difference ||
            complain "${page##*/} does not quote what examples/$name prints:
$(cat ../out/difference)"
    done <../out/names
done
finish
