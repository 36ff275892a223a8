#!/bin/sh
# A run from end to end: its files, its repetition, what the other commands make of it.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

succeed train $small --epochs 2 --out runs/a
for file in config.ini metrics.jsonl curves.svg model.safetensors best.safetensors run.log; do
    [ -s "runs/a/$file" ] || complain "there is no runs/a/$file"
    grep -q "  $file " ../out/stdout || complain "$file is not named"
done
expect "lines of metrics.jsonl" "$(wc -l <runs/a/metrics.jsonl)" 2
grep -q "^test .*accuracy .* %" ../out/stdout || complain "no accuracy: $(cat ../out/stdout)"
# Not on a terminal: plain lines, no control characters.
grep -q "2/2" ../out/stderr || complain "no line for epoch 2: $(cat ../out/stderr)"
LC_ALL=C grep -q "[[:cntrl:]]" ../out/stderr && complain "control characters in the log"
for word in data network optimizer "settled    damping 0\." "whitening  layer1: .* damping 0\." threads \
    kernels folder "metric     layer1"; do
    grep -q "$word" ../out/stderr || complain "nothing is said about: $word"
done

# The same bits again: from config.ini, and whatever the number of threads.
for threads in 1 2 3; do
    succeed train runs/a/config.ini --threads $threads --out runs/again
    cmp runs/a/model.safetensors runs/again/model.safetensors ||
        complain "$threads threads make another model"
    cmp runs/a/config.ini runs/again/config.ini || complain "config.ini is not repeated"
    rm -r runs/again
done

# What is there is not lost.
refuse 1 "holds a run already" train $small --out runs/a
succeed train $small --epochs 1 --out runs/a --overwrite
expect "lines of metrics.jsonl" "$(wc -l <runs/a/metrics.jsonl)" 1

# Quiet is silent.
succeed train $small --epochs 1 --seed 2 --out runs/b --quiet
[ -s ../out/stdout ] && complain "--quiet wrote to stdout: $(cat ../out/stdout)"
[ -s ../out/stderr ] && complain "--quiet wrote to stderr: $(cat ../out/stderr)"

# The command line goes before the recipe; another method leaves its [optimizer] out.
cat >recipe.ini <<'RECIPE'
[network]
input = 784
module = linear 8 relu
module = batchnorm
module = linear 10
loss = softmax
[optimizer]
preset = icml2017
learning-rate = 0.02
[training]
epochs = 1
seed = 7
RECIPE
succeed train recipe.ini --data digits:200/50/50 --seed 8 --out runs/c
for line in "seed = 8" "preset = icml2017" "learning-rate = 0.02" "metric-pass = again" \
    "network = input 784; linear 8 relu; batchnorm; linear 10" "loss = softmax"; do
    grep -q -x "$line" runs/c/config.ini || complain "config.ini has no line '$line'"
done
succeed train recipe.ini --data digits:200/50/50 --optimizer adam --out runs/d
grep -q "warning: .*is for icml2017: it is left out, adam was asked for" ../out/stderr ||
    complain "no warning: $(cat ../out/stderr)"
grep -q -x "learning-rate = 0.001" runs/d/config.ini || complain "adam got the recipe's rate"

# Without a name the folder gets one.
succeed train $small --epochs 1 --optimizer sgd --seed 11
[ -s runs/20*-784-8-10-sgd-11/model.safetensors ] || complain "no default folder: $(ls runs)"

# All recipes of the project can be read.
for recipe in "$RFIM_SOURCE_DIR"/recipes/*/*.ini; do
    data=digits:50/20/20
    grep -q "^network *= *\"*20-" "$recipe" && data=tabular:50/20/20
    succeed train "$recipe" --data $data --train-samples 50 --epochs 1 --out runs/recipe \
        --overwrite --quiet
done

# eval knows the run's data; a model file does with --data.
succeed eval runs/a
cp ../out/stdout ../out/from-run
succeed eval runs/a/model.safetensors --data digits:200/50/50
cmp ../out/stdout ../out/from-run || complain "eval of a run and of its model differ"
expect "lines of eval" "$(wc -l <../out/stdout)" 3
loss=$(sed -n 's/.*"test_loss": \([0-9]*\.[0-9][0-9][0-9][0-9]\).*/\1/p' runs/a/metrics.jsonl)
grep -q "^test .*loss $loss" ../out/stdout || complain "eval does not find the test loss $loss"
succeed eval runs/c/best.safetensors --data digits:200/50/50

succeed predict runs/a --to test.csv
expect "header" "$(head -n 1 test.csv)" "sample,class,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9"
expect "rows" "$(wc -l <test.csv)" 51
wrong=$(awk -F, 'NR > 1 {
    sum = 0; best = 3
    for (i = 3; i <= 12; i++) { sum += $i; if ($i > $best) best = i }
    if (NF != 12 || $1 != NR - 2 || $2 != best - 3 || sum < 0.99999 || sum > 1.00001) print
}' test.csv)
[ -z "$wrong" ] || complain "rows of test.csv are wrong: $wrong"
succeed predict runs/a/best.safetensors --data digits:200/50/50 --part train --to train.csv
expect "rows" "$(wc -l <train.csv)" 201
refuse 2 "did you mean valid?" predict runs/a --part vald --to x.csv
refuse 1 "cannot be written" predict runs/a --to nowhere/x.csv

succeed plot runs/a runs/b
grep -q "<svg" compare.svg || complain "compare.svg is no picture"
succeed plot runs/c --to c.svg
[ -s c.svg ] || complain "there is no c.svg"

succeed data list
succeed data info digits:200/50/50 --draw sheet.svg
grep -q "training: 200 samples of 784 inputs (images of 28 x 28), 10 classes" ../out/stdout ||
    complain "data info: $(cat ../out/stdout)"
[ -s sheet.svg ] || complain "there is no sheet.svg"
succeed data info digits:200/50/50 --draw sheet.png
[ -s sheet.png ] || complain "there is no sheet.png"
finish
