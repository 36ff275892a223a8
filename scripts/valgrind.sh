#!/bin/sh
# A short training run and what follows it, and the library's check of itself, under valgrind: no bad access, nothing lost.
#
#   scripts/valgrind.sh [COMMAND]     (default: build/rfim)
#
# valgrind knows no AVX-512; the CPU it shows has none, and rfim and OpenBLAS take what is there.
set -eu
cd "$(dirname "$0")/.."
command=${1:-build/rfim}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

checked() {
    # Short pieces of code at a time: long unrolled ones of vector kernels exhaust its own memory.
    if ! valgrind --quiet --vex-guest-max-insns=20 --vex-iropt-unroll-thresh=0 --error-exitcode=99 \
        --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
        "$command" "$@" >"$work/log" 2>&1; then
        cat "$work/log" >&2
        echo "valgrind: rfim $1 failed, see above" >&2
        exit 1
    fi
    echo "valgrind: clean: rfim $*" | sed "s|$work/||g"
}

export OMP_NUM_THREADS=2
for optimizer in sgd adam rngd; do
    checked train --data digits:200/50/50 --network "784-12-12-10 relu bna" \
        --optimizer $optimizer --epochs 1 --threads 2 --kernels portable --seed 1 \
        --out "$work/$optimizer" --quiet
done
# Every form of a step: whitened, inputs, gradient, dual, active; a refresh in the background.
for preset in shared-fast neuron-fast neuron-batch; do
    checked train --data digits:100/20/20 --network "784-20-20-20-10 relu" --preset $preset \
        --batch 20 --epochs 1 --threads 2 --seed 1 --refresh-every 3 --metric-every 2 \
        --out "$work/$preset" --quiet
done
checked train --data digits:100/20/20 --preset neuron-batch --metric-memory prior+batch --batch 20 \
    --network "input 784; linear 25 relu omega=0; linear 25 tanh; linear 10; loss softmax" \
    --epochs 1 --threads 2 --refresh-every 4 --refresh-delay 2 --metric-every 2 \
    --out "$work/prior" --quiet
checked plan --preset neuron-fast --network "784-30-25-25-10 relu" --data digits:200/50/50
checked eval "$work/rngd/model.safetensors" --data digits:200/50/50
checked inspect "$work/rngd" --layer layer2 --samples 100 --to "$work/layer2.svg"
checked check --kernels portable
checked plot "$work/sgd" "$work/rngd" --to "$work/both.svg"
