#!/bin/sh
# rfim fim: the table, its sentences, the matrix in a file, and what it refuses.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

# Twelve images of 2 x 2 pixels in three classes, for training and for test.
mkdir data
pixels='\377\010\020\003\000\350\040\011\120\000\377\060\300\020\005\000\013\370\077\100\002'
pixels=$pixels'\005\220\300\377\200\001\002\000\377\100\007\060\000\350\377\350\000\070\010\007'
pixels=$pixels'\311\022\100\002\003\301\244'
for set in train t10k; do
    printf '\000\000\010\003\000\000\000\014\000\000\000\002\000\000\000\002'"$pixels" \
        >data/$set-images-idx3-ubyte
    printf '\000\000\010\001\000\000\000\014\000\001\002\000\001\002\000\001\002\000\001\002' \
        >data/$set-labels-idx1-ubyte
done
tiny="--data data --epochs 2 --quiet --optimizer sgd"
succeed train $tiny --network "4-3-3 tanh" --out soft
succeed train $tiny --network "input 4; linear 2 elu; batchnorm; linear 3" --loss sigmoid --out sig
succeed train $tiny --network "4-2-8 tanh" --loss squared --out many

# field NAME NUMBER: a column of the line of an expression
field() {
    awk -v name="$1" -v column="$2" '$1 == name { print $column }' ../out/stdout
}

# below NAME LIMIT: the distance from the metric
below() {
    found=$(field "$1" 5)
    awk -v found="$found" -v limit="$2" 'BEGIN { exit !(found != "" && found + 0 <= limit) }' ||
        complain "$1: '$found' is not at most $2"
}

for run in soft sig; do
    succeed fim $run
    for name in scores hessian roots metric; do
        below $name 1e-13
    done
    expect "lines of $run" "$(awk '$1 ~ /^(observed|empirical)$/ && $5 > 0.01' ../out/stdout |
        wc -l)" 2
    grep -q "The first four agree" ../out/stdout || complain "$run: no agreement"
    grep -q "no Fisher information" ../out/stdout || complain "$run: empirical is not explained"
done
succeed fim soft
grep -q "27 parameters, 10 training samples" ../out/stdout || complain "$(cat ../out/stdout)"
grep -q "all 3 classes" ../out/stdout || complain "how y was summed is not said"
succeed fim sig --part test --samples 5
grep -q "5 test samples" ../out/stdout || complain "$(cat ../out/stdout)"
grep -q "all 8 outcomes" ../out/stdout || complain "how y was summed is not said"

# 3^8 nodes are too many, 2^8 are not.
succeed fim many --draws 400
grep -q "400 draws, s.e. 0.0" ../out/stdout || complain "no standard error: $(cat ../out/stdout)"
grep -q "as far as draws can tell" ../out/stdout || complain "$(cat ../out/stdout)"
succeed fim many --nodes 2
grep -q "256 nodes, exact" ../out/stdout || complain "$(cat ../out/stdout)"
below roots 1e-13

succeed fim soft/model.safetensors --data data --expression hessian --to h.csv
expect "expressions shown" "$(awk '$NF == "classes"' ../out/stdout | wc -l)" 1
grep -q "It and the metric agree" ../out/stdout || complain "$(cat ../out/stdout)"
expect "rows and columns" "$(awk -F, '{ n++; wide = NF } END { print n, wide }' h.csv)" "27 27"
awk -F, -v table="$(field hessian 2)" '{ trace += $NR } END {
    gap = trace - table
    exit !(gap * gap <= 1e-8 * trace * trace)
}' h.csv || complain "the trace of h.csv is not the table's"

# Two draws know little of their own spread: some seed finds more than four standard errors, and
# says so with its exit status as well.
seed=1
while [ $seed -le 200 ]; do
    run fim many --expression scores --samples 1 --draws 2 --seed $seed
    grep -q "DO NOT agree" ../out/stdout && break
    [ "$status" -eq 0 ] || complain "seed $seed: status $status: $(cat ../out/stderr)"
    seed=$((seed + 1))
done
expect "status when there is no agreement (seed $seed)" "$status" 1
grep -q "so few draws tell little" ../out/stdout || complain "$(cat ../out/stdout)"

# Where the matrix goes is tried before the work.
refuse 1 "missing/h.csv cannot be written" fim soft --expression hessian --to missing/h.csv
refuse 2 "neither a folder" fim soft --data nowhere --expression hessian --to new.csv

refuse 2 "expects a run folder or a model file" fim
refuse 2 "did you mean hessian?" fim soft --expression hesian
refuse 2 "expected a whole number from 2 to 64, found '1'" fim soft --nodes 1
refuse 2 "expected a whole number from 2 to 1000000, found 'x'" fim soft --draws x
refuse 2 "expected a whole number from 1 to 1000000, found '0'" fim soft --samples 0
refuse 2 "did you mean train?" fim soft --part tran
refuse 2 "ends with .csv" fim soft --expression metric --to f.txt
refuse 2 "say which by --expression NAME" fim soft --to f.csv
refuse 2 "needs its data" fim soft/model.safetensors
refuse 1 "no validation samples" fim soft/model.safetensors --data digits:5/0/0 --part valid
refuse 1 "nowhere cannot be read" fim nowhere --data data
refuse 1 "4 inputs, the data have 784 numbers" fim soft/model.safetensors --data digits:5/0/0

# Too large: refused with the size, before memory is asked for.
succeed train --data digits:60/10/10 --network 784-60-10 --epochs 1 --quiet --out large
refuse 1 "4 matrices of 47710 x 47710, 72.8 GB" fim large
finish
