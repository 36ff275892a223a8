#!/bin/sh
# rfim check, of a library in which nu of relu is 1 % off: it fails and names the culprit.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"
rfim=$RFIM_FAULT_COMMAND

run check --json found.json
expect "exit status" "$status" 1
[ -s ../out/stderr ] && complain "said: $(cat ../out/stderr)"
grep -q "^nu  *relu.* FAILED$" ../out/stdout || complain "no line of relu failed"
grep "^nu " ../out/stdout | grep -v relu | grep -q FAILED && complain "nu of others is accused"

# The last sentence, broken into lines, is what follows the empty line.
sed '1,/^$/d' ../out/stdout | tr '\n' ' ' >../out/sentence
failed=$(grep -c ' FAILED$' ../out/stdout)
grep -q "^$failed of [0-9]* checks FAILED: nu / relu" ../out/sentence ||
    complain "the last sentence is: $(cat ../out/sentence)"
grep -q "\"failed\": $failed," found.json || complain "found.json: $(head -c 200 found.json)"

# What has no relu in it passes, and that is the exit status.
run check --only soft-max
expect "exit status without relu" "$status" 0
finish
