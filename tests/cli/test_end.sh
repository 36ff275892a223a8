#!/bin/sh
# Runs that end early: on a signal, and when they diverge.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

# --foreground: timeout sends one signal; otherwise two, and the second ends the command at once.
for signal in INT TERM; do
    timeout --foreground --preserve-status -s $signal 2 "$rfim" train $small --epochs 1000000 --out $signal \
        >../out/stdout 2>../out/stderr
    expect "status after SIG$signal" $? 130
    for file in config.ini metrics.jsonl model.safetensors; do
        [ -s "$signal/$file" ] || complain "there is no $signal/$file"
    done
    grep -q "stopping after this step" ../out/stderr || complain "the end was not announced"
    grep -q "^rfim: training was stopped" ../out/stderr || complain "no sentence at the end"
    succeed eval $signal
done

# A background command that ignores Ctrl-C goes on.
(
    trap '' INT
    timeout --foreground --preserve-status -s INT 1 "$rfim" train $small --epochs 2 --out ignored
) >../out/stdout 2>../out/stderr
expect "status when SIGINT is ignored" $? 0

run train $small --optimizer sgd --learning-rate 1e30 --out diverged
expect "status when diverged" "$status" 3
grep -q "^rfim: .*diverged" ../out/stderr || complain "no sentence: $(cat ../out/stderr)"
succeed eval diverged
finish
