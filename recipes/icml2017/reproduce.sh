#!/bin/sh
# Runs the experiment of Sun and Nielsen (ICML 2017): PLAIN and BNA nets of width 80 and 100 by SGD,
# Adam and RNGD, every rate of their grids. Width 80 has several seeds, width 100 the first of them.
# Runs that are there already are not repeated, so it can be stopped and started again; a run that
# was interrupted starts afresh. What matters most comes first: the rates that are likely to be the
# best, for the first seed, then width 100, then more seeds, then the other rates.
#
#   recipes/icml2017/reproduce.sh [FOLDER]      (default: runs/icml2017)
#   recipes/icml2017/reproduce.sh --list        (what would be run, and in which order)
#
# Environment: RFIM the command (default build/rfim), EPOCHS (100), SEEDS ("1 2 3"), SEEDS_100 (the
# first of SEEDS), JOBS (1) runs at a time. About two hours of one core with the defaults.
# results.py and figures.py make tables and pictures of what is there, at any time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rfim=${RFIM:-build/rfim}
epochs=${EPOCHS:-100}
seeds=${SEEDS:-1 2 3}
first=${seeds%% *}
others=${seeds#"$first"}
seeds_100=${SEEDS_100:-$first}
jobs=${JOBS:-1}

# The rates of each method in three groups: `best` after 20 epochs, those `next` to them, the `rest`.
best_rngd="0.01" next_rngd="0.005" rest_rngd=""
best_sgd="0.1 0.03" next_sgd="0.01" rest_sgd="0.003 0.001"
best_adam="0.001 0.0003" next_adam="0.0001" rest_adam="0.01 0.003"

# runs WIDTH SEEDS GROUP: one run a line: net method width rate seed.
runs() {
    for seed in $2; do
        for method in rngd sgd adam; do
            eval "rates=\$$3_$method"
            for rate in $rates; do
                for net in plain bna; do
                    echo "$net $method $1 $rate $seed"
                done
            done
        done
    done
}

plan() {
    runs 80 "$first" best
    runs 80 "$first" next
    runs 100 "$seeds_100" best
    runs 80 "$others" best
    runs 100 "$seeds_100" next
    runs 80 "$others" next
    runs 80 "$first" rest
    runs 100 "$seeds_100" rest
    runs 80 "$others" rest
}

# One run, unless all of its epochs are there. A rate that diverges (status 3) is a result.
one() {
    folder=$out/$1-$2-$3/rate-$4/seed-$5
    if [ -f "$folder/metrics.jsonl" ] && { [ "$(wc -l <"$folder/metrics.jsonl")" -ge "$epochs" ] ||
        [ -f "$folder/diverged" ]; }; then
        return 0
    fi
    status=0
    "$rfim" train "$here/$1-$2-$3.ini" --learning-rate "$4" --seed "$5" --epochs "$epochs" \
        --threads 1 --out "$folder" --overwrite --quiet >/dev/null || status=$?
    case $status in
    0) ;;
    3) touch "$folder/diverged" ;;
    *) exit 255 ;; # xargs stops here
    esac
    echo "$(date '+%H:%M:%S') done: $1 $2 width $3 rate $4 seed $5" >&2
}

case ${1:-} in
--list)
    plan
    exit
    ;;
--one)
    out=$2
    one "$3" "$4" "$5" "$6" "$7"
    exit
    ;;
esac

out=${1:-runs/icml2017}
export RFIM="$rfim" EPOCHS="$epochs"
plan | xargs -P "$jobs" -L 1 "$0" --one "$out"
