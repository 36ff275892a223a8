#!/bin/sh
# The Fisher information of small networks against PyTorch's automatic differentiation.
set -eu
python=
for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import torch; torch.tensor' 2>/dev/null; then # no folder of that name
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "skipped: PyTorch is not here; on Debian: apt-get install python3-torch"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$RFIM_BINARY_DIR/tests/torch/subject" "$work"
"$python" "$RFIM_SOURCE_DIR/tests/torch/fim.py" "$work"
