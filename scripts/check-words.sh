#!/bin/sh
# Paths of somebody's machine, and notes to self, do not belong into the repository.
#
#   scripts/check-words.sh [FOLDER]
set -eu
cd "${1:-$(dirname "$0")/..}"

# The patterns are written so that they do not match themselves.
notes='\b(TO[D]O|FIX[M]E|X[X]X)\b'
paths='(^|[^A-Za-z0-9_./])/(hom[e]|roo[t]|User[s])(/|\b)'
if grep -rnIE "$notes|$paths" . --exclude-dir=.git --exclude-dir='build*' --exclude-dir=runs; then
    echo "check-words: the lines above hold a note to self or a path of one machine" >&2
    exit 1
fi
echo "check-words: clean"
