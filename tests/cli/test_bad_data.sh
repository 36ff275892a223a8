#!/bin/sh
# Data that cannot be right: one sentence that names the file, exit status 1 or 2, no run folder.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

# images FILE COUNT BYTES: a header that announces COUNT images of 2 x 2, and so many pixels.
images() {
    {
        printf "\\000\\000\\010\\003\\000\\000\\000\\$(printf %03o "$2")"
        printf '\000\000\000\002\000\000\000\002'
        head -c "$3" /dev/zero
    } >"$1"
}

# labels FILE COUNT OCTAL...: a header that announces COUNT labels, and the labels.
labels() {
    path=$1
    printf "\\000\\000\\010\\001\\000\\000\\000\\$(printf %03o "$2")" >"$path"
    shift 2
    for label in "$@"; do
        printf "\\$label" >>"$path"
    done
}

# A folder that is right: 6 images to train and validate, 2 to test, classes 0 and 1.
good() {
    rm -rf mnist
    mkdir mnist
    images mnist/train-images-idx3-ubyte 6 24
    labels mnist/train-labels-idx1-ubyte 6 000 001 000 001 000 001
    images mnist/t10k-images-idx3-ubyte 2 8
    labels mnist/t10k-labels-idx1-ubyte 2 001 000
}

good
succeed train --data ./mnist --network 4-3-10 --batch 2 --epochs 1 --out run
grep -q -x "data = $(pwd -P)/mnist" run/config.ini || complain "config.ini: $(grep data run/config.ini)"
mkdir elsewhere
(cd elsewhere && "$rfim" eval ../run >../../out/stdout) || complain "eval from elsewhere fails"
rm -rf run elsewhere
try() {
    refuse "$1" "$2" train --data ./mnist --network 4-3-10 --batch 2 --epochs 1 --out run
}

rm mnist/train-labels-idx1-ubyte
try 1 "train-labels-idx1-ubyte"
good
images mnist/train-images-idx3-ubyte 6 23
try 1 "train-images-idx3-ubyte"
good
head -c 10 mnist/t10k-images-idx3-ubyte >cut
mv cut mnist/t10k-images-idx3-ubyte
try 1 "t10k-images-idx3-ubyte"
good
labels mnist/train-images-idx3-ubyte 6 000 001 000 001 000 001
try 1 "train-images-idx3-ubyte"
good
labels mnist/train-labels-idx1-ubyte 5 000 001 000 001 000
try 1 "6"
good
printf '\000\000\010\003\377\377\377\377\377\377\377\377\377\377\377\377' \
    >mnist/train-images-idx3-ubyte
try 1 "train-images-idx3-ubyte"
good
echo "no IDX file at all" >mnist/t10k-labels-idx1-ubyte
try 1 "t10k-labels-idx1-ubyte"
good
gzip mnist/train-images-idx3-ubyte
head -c 30 mnist/train-images-idx3-ubyte.gz >cut
mv cut mnist/train-images-idx3-ubyte.gz
try 1 "train-images-idx3-ubyte.gz"
good
labels mnist/train-labels-idx1-ubyte 6 000 001 000 001 000 013
try 1 "10"

refuse 2 "nowhere" train --data /nowhere --out run
refuse 2 "did you mean \"digits\"?" train --data digit --out run
refuse 2 "digits:" train --data digits:0/1/1 --out run
finish
