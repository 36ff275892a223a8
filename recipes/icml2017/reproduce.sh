#!/bin/sh
# Runs the six nets of width 80 of Sun and Nielsen (ICML 2017), every rate, several seeds, and
# prints the tables of docs/reproduction.md. Runs that are there already are not repeated, so it can
# be stopped and started again.
#
#   recipes/icml2017/reproduce.sh [FOLDER]      (default: runs/icml2017)
#
# Environment: RFIM the command (default build/rfim), EPOCHS (20), SEEDS ("1 2 3"), JOBS (1) runs at
# a time, RATES_sgd, RATES_adam, RATES_rngd. About 25 minutes of one core with the defaults.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-runs/icml2017}
rfim=${RFIM:-build/rfim}
epochs=${EPOCHS:-20}
seeds=${SEEDS:-1 2 3}
jobs=${JOBS:-1}
: "${RATES_sgd:=0.1 0.03 0.01 0.003 0.001}"
: "${RATES_adam:=0.01 0.003 0.001 0.0003 0.0001}"
: "${RATES_rngd:=0.01 0.005}"

# The runs, one a line: net method rate seed.
plan() {
    for seed in $seeds; do
        for net in plain bna; do
            for method in rngd adam sgd; do
                eval "rates=\$RATES_$method"
                for rate in $rates; do
                    echo "$net $method $rate $seed"
                done
            done
        done
    done
}

# One run, unless all of its epochs are there. A rate that diverges (status 3) is a result.
one() {
    folder=$out/$1-$2-80/rate-$3/seed-$4
    if [ -f "$folder/metrics.jsonl" ] && { [ "$(wc -l <"$folder/metrics.jsonl")" -ge "$epochs" ] ||
        [ -f "$folder/diverged" ]; }; then
        return 0
    fi
    status=0
    "$rfim" train "$here/$1-$2-80.ini" --learning-rate "$3" --seed "$4" --epochs "$epochs" \
        --threads 1 --out "$folder" --overwrite --quiet >/dev/null || status=$?
    case $status in
    0) ;;
    3) touch "$folder/diverged" ;;
    *) exit 255 ;; # xargs stops here
    esac
    echo "done: $1 $2 rate $3 seed $4" >&2
}

if [ "${1:-}" = --one ]; then
    out=$2
    one "$3" "$4" "$5" "$6"
    exit
fi

export RFIM="$rfim" EPOCHS="$epochs"
plan | xargs -P "$jobs" -L 1 "$0" --one "$out"
"$here/table.sh" "$out"
