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
    exec "$rfim" train $small --epochs 20 --out ignored
) >../out/stdout 2>../out/stderr &
while [ ! -d ignored ]; do sleep 0.01; done           # from when the run is on
while kill -INT $! 2>../out/kill; do sleep 0.05; done # as long as it is there
wait $!
expect "status when SIGINT is ignored" $? 0

# A run that is going keeps others out of its folder.
"$rfim" train $small --epochs 1000000 --out going --quiet 2>../out/going &
while [ ! -s going/model.safetensors ]; do sleep 0.1; done
run train $small --epochs 1 --out going --overwrite
expect "status while another run is going" "$status" 1
grep -q "a run is still going in the folder going" ../out/stderr ||
    complain "not refused: $(cat ../out/stderr)"
kill -TERM $!
wait $!
[ -e going/.lock ] && complain "the lock was left"
succeed train $small --epochs 1 --out going --overwrite --quiet

# Runs that begin in the same second have folders of their own.
for number in 1 2 3; do
    "$rfim" train $small --epochs 1 --quiet &
done
wait
expect "folders" "$(ls -d runs/*/model.safetensors | wc -l)" 3

# Before there is a folder, the end is at once, and leaves nothing.
timeout --foreground --preserve-status -s INT 0.5 "$rfim" train --data digits:1000000/0/0 \
    --network 784-8-10 --out early >../out/stdout 2>../out/stderr
expect "status when data are not ready" $? 130
[ -s ../out/stderr ] && complain "something was said: $(cat ../out/stderr)"
[ -e early ] && complain "a folder was left"

run train $small --optimizer sgd --learning-rate 1e30 --out diverged
expect "status when diverged" "$status" 3
grep -q "^rfim: training diverged: .* at step [0-9]* (epoch 1).*the output of layer[0-9]* is" \
    ../out/stderr || complain "no sentence with step and layer: $(cat ../out/stderr)"
grep -q "^Diverged after step [0-9]*, in epoch 1" ../out/stdout ||
    complain "the step is not told: $(cat ../out/stdout)"
grep -q "the last weights whose loss was finite" ../out/stdout || complain "which weights?"
succeed eval diverged
run plot diverged
expect "status of plot" "$status" 1
grep -q "no finished epoch" ../out/stderr || complain "plot: $(cat ../out/stderr)"
finish
