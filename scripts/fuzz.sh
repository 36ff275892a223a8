#!/bin/sh
# Builds the fuzz targets and runs each of them for a while, from fuzz/corpus/<target> if there is
# such a folder. What crashes a target is left in build-fuzz/found.
#
#   scripts/fuzz.sh [SECONDS]     (for each target; default 20)
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-20}

cmake -S . -B build-fuzz -G Ninja -DCMAKE_C_COMPILER=clang -DRFIM_BUILD_FUZZ=ON \
    -DRFIM_BUILD_TESTS=OFF -DRFIM_SANITIZE=address,undefined -DCMAKE_C_FLAGS_RELEASE="-O1 -g" \
    >/dev/null
ninja -C build-fuzz --quiet
mkdir -p build-fuzz/found
count=0
for source in fuzz/fuzz_*.c; do
    [ -e "$source" ] || continue
    target=$(basename "$source" .c)
    corpus=build-fuzz/corpus/$target
    mkdir -p "$corpus"
    set -- "$corpus"
    [ ! -d "fuzz/corpus/$target" ] || set -- "$@" "fuzz/corpus/$target"
    if ! OMP_NUM_THREADS=1 "build-fuzz/fuzz/$target" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -artifact_prefix=build-fuzz/found/ -print_final_stats=1 "$@" \
        >"build-fuzz/$target.log" 2>&1; then
        tail -n 60 "build-fuzz/$target.log" >&2
        echo "fuzz: $target failed; its input is in build-fuzz/found" >&2
        exit 1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "build-fuzz/$target.log")
    echo "fuzz: $target ran ${runs:-?} inputs in $seconds s"
    count=$((count + 1))
done
echo "fuzz: $count targets, nothing found"
