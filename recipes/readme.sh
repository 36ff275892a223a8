#!/bin/sh
# Makes the README's picture, docs/images/mnist.svg, and prints the figures of its caption: SGD, Adam
# and RNGD on MNIST at their default rates, linear decay, 5 epochs, 3 seeds. Two minutes or so.
#
#   recipes/readme.sh [FOLDER]      (default: runs/readme)
#
# Environment: RFIM the command (default build/rfim).
set -eu
cd "$(dirname "$0")/.."
out=${1:-runs/readme}
rfim=${RFIM:-build/rfim}
for method in sgd adam rngd; do
    for seed in 1 2 3; do
        "$rfim" train --data mnist --network "784-80-80-80-10 relu" --optimizer $method \
            --schedule linear --epochs 5 --seed $seed --threads 1 --out "$out/$method-$seed" \
            --overwrite --quiet >/dev/null
    done
    cat "$out/$method"-*/metrics.jsonl | tr -d '"{},:' | awk -v method=$method '
        { for (k = 1; k < NF; k += 2) value[$k] = $(k + 1) }
        value["epoch"] == 5 {
            loss = value["train_loss"]; sum += loss; runs++
            if (runs == 1 || loss < low) low = loss
            if (loss > high) high = loss
        }
        END { printf "%-5s training loss %.4f (%.4f to %.4f)\n", method, sum / runs, low, high }'
done
"$rfim" plot "$out"/* --to docs/images/mnist.svg
