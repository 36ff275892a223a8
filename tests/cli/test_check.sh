#!/bin/sh
# rfim check: the table, the sentence at its end, JSON, what is refused.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

succeed check --json all.json
[ -s ../out/stderr ] && complain "rfim check: said: $(cat ../out/stderr)"
expect "head of the table" "$(head -n 1 ../out/stdout)" \
    "group           check                        against          error limit"
long=$(awk 'length > 80' ../out/stdout)
[ -z "$long" ] || complain "wider than 80 columns: $long"
lines=$(grep -c ' ok$' ../out/stdout)
[ "$lines" -gt 400 ] || complain "only $lines checks"
tail -n 1 ../out/stdout | grep -q "^all $lines checks passed in [0-9.]* s$" ||
    complain "the last line is: $(tail -n 1 ../out/stdout)"
seconds=$(tail -n 1 ../out/stdout | sed 's/.* in \([0-9]*\).*/\1/')
[ "$seconds" -lt 60 ] || complain "rfim check took $seconds s"
for group in nu layers "two layers" soft-max network fim stochastic representations solving \
    invariances precision; do
    grep -q "^$group  *[^ ]" ../out/stdout || complain "no checks of $group"
done
printf '\033' | grep -q -F -f - ../out/stdout && complain "colours where there is no terminal"

grep -q "\"checked\": $lines," all.json || complain "all.json does not tell how many"
expect "checks in all.json" "$(grep -c '{"group": ' all.json)" "$lines"
if command -v python3 >/dev/null; then
    python3 - all.json >../out/python 2>&1 <<'END' || complain "all.json: $(cat ../out/python)"
import json, sys
found = json.load(open(sys.argv[1]))
assert found["failed"] == 0 and found["checked"] == len(found["checks"]), found["checked"]
for check in found["checks"]:
    assert check["passed"] is True and isinstance(check["error"], (int, float)), check
END
fi

# The same numbers with the same seed, others with another one.
succeed check --only network
cp ../out/stdout ../out/first
succeed check --only network --threads 1
sed '$d' ../out/stdout >../out/second
sed '$d' ../out/first | cmp -s - ../out/second || complain "rfim check is not repeatable"
succeed check --only network --seed 2
sed '$d' ../out/stdout | cmp -s - ../out/second && complain "--seed 2 changes nothing"
grep -q '^network ' ../out/stdout || complain "--only network has no network"
grep -q '^layers ' ../out/stdout && complain "--only network has layers"

succeed check --only precision --json
head -n 1 ../out/stdout | grep -q '^{$' || complain "--json alone does not print JSON"
grep -q '^group ' ../out/stdout && complain "--json alone prints the table"

refuse 2 "no group's name contains 'nonsense'; the groups are: nu, layers" check --only nonsense
refuse 2 "no group's name contains 'nonsense'" check --only nonsense --json x.json
cp all.json kept.json
refuse 2 "no group's name contains 'nonsense'" check --only nonsense --json all.json
cmp -s all.json kept.json || complain "a slip of the pen has cost the old results"
refuse 2 "seed" check --seed none
refuse 2 "options only" check run
refuse 2 "did you mean --thorough?" check --thorogh
refuse 1 "missing/x.json cannot be written" check --json missing/x.json
if [ -w /dev/full ]; then
    "$rfim" check --only precision >/dev/full 2>../out/stderr
    expect "status when stdout is full" $? 1
    run check --only precision --json=/dev/full
    expect "status when the file is full" "$status" 1
fi
finish
