#!/bin/sh
# Builds rfim_turns, finds a Python with PyTorch, and lets the two take turns.
#
#   bench/torch/compare.sh [--net paper] [--threads 1] [--blocks 15] [--data WHERE] [--json FILE]
#
# BUILD names the build folder (default: build).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-$here/../../build}
python=
for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import torch; torch.tensor' 2>/dev/null; then # no folder of that name
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "compare: PyTorch is not here; scripts/setup.sh torch installs it" >&2
    exit 1
fi
if [ ! -f "$build/build.ninja" ]; then
    echo "compare: there is no build in $build; type make first" >&2
    exit 1
fi
cmake --build "$build" --target rfim_turns >/dev/null
exec "$python" "$here/compare.py" "$build/rfim_turns" "$@"
