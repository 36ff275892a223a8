#!/bin/sh
# The shared library shows the names rfim_*, not rfim__*, and nothing else.
#
#   scripts/check-exports.sh [LIBRARY]     (default: build/librfim.so)
set -eu
library=${1:-$(dirname "$0")/../build/librfim.so}

# gcc shows a named `omp critical` region to the whole program, by the design of OpenMP: its name
# has to begin with rfim_ as well.
names=$(nm -D --defined-only "$library" | sed 's/.* //; s/^\.gomp_critical_user_//')
if [ -z "$names" ]; then
    echo "check-exports: $library shows no names at all" >&2
    exit 1
fi
if echo "$names" | grep -vE '^rfim_[^_]'; then
    echo "check-exports: $library shows the names above; mark only what is in include/rfim with" \
        "RFIM_API, make the rest static" >&2
    exit 1
fi
echo "check-exports: $(echo "$names" | wc -l) names, all of them rfim_*"
