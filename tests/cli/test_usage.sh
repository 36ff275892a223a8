#!/bin/sh
# Wrong usage: one sentence, the right exit status, and nothing left behind.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

refuse 2 "did you mean rfim train?" trian
refuse 2 "did you mean --learning-rate?" train --lerning-rate 1
refuse 2 "did you mean --to?" predict run --ot x.csv
refuse 2 "options begin with two hyphens" train -e 3
refuse 2 "--epochs expects a value: --epochs N" train --epochs
refuse 2 "--schedule expects a value: --schedule constant|linear|cosine" train --schedule --quiet
refuse 2 "--epochs is no option of rfim eval" eval run --epochs 3
refuse 2 "at most one recipe, but there is 'b.ini' too" train a.ini b.ini
refuse 2 "expects a run folder or a model file" eval
refuse 2 "rfim data expects list, or info WHERE" data
refuse 2 "did you mean rfim data list?" data lst
refuse 2 "did you mean rfim help train?" help trian
refuse 2 "did you mean rfim help presets?" help preset-s

refuse 2 "learning-rate: expected a number above 0, found '-1'" train --learning-rate -1
refuse 2 "found 'nan'" train --learning-rate nan
refuse 2 "found 'inf'" train --damping inf
refuse 2 "found '1e999'" train --sigma=1e999
refuse 2 "epochs: expected a whole number from 1" train --epochs 0
refuse 2 "batch: expected a whole number of at least 1, found '2.5'" train --batch 2.5
refuse 2 "epochs: expected at most 1000000, found '1000001'" train --epochs 1000001
refuse 2 "batch: expected at most 18446744073709551615" train --batch 99999999999999999999
refuse 2 "learning-rate: expected a finite number above 0" train --learning-rate inf
refuse 2 "momentum: expected a number from 0 to below 1" train --optimizer sgd --momentum 1
refuse 2 "did you mean adam?" train --optimizer adma
refuse 2 "did you mean icml2017?" train --preset icml2016
refuse 2 "did you mean linear?" train --schedule linaer
refuse 2 "glorot, he, whitened or a standard deviation" train --init -0.1
refuse 2 "the preset icml2017 is for rngd, but the optimizer is adam" \
    train --optimizer adam --preset icml2017
refuse 2 "momentum is an option of sgd and rngd and does nothing for adam" \
    train --optimizer adam --momentum 0.5
refuse 2 "relu" train --network "784-8-10 rleu"
refuse 2 "network" train --network "784-0-10"
refuse 2 "module" train --network "input 784; lineer 10"
refuse 1 "784" train --network 100-10
refuse 1 "10 classes" train --network 784-8-9
refuse 1 "inputs" train --target inputs

echo "[training]
epoch = 3" >unknown-key.ini
refuse 2 "unknown-key.ini, line 2: there is no option 'epoch'; did you mean epochs?" \
    train unknown-key.ini
echo "[trainig]
epochs = 3" >unknown-section.ini
refuse 2 "did you mean [training]?" train unknown-section.ini
echo "[training]
l2 = 3" >wrong-section.ini
refuse 2 "l2 belongs in the section [optimizer], not in [training]" train wrong-section.ini
echo "[training]
epochs" >no-value.ini
refuse 1 "no-value.ini, line 2" train no-value.ini
echo "[optimizer]
optimizer = adam
preset = icml2017" >conflict.ini
refuse 2 "is not for the optimizer adam" train conflict.ini
refuse 1 "missing.ini cannot be read" train missing.ini
refuse 1 "is not a file" train .

touch file
refuse 1 "file is a file" train $small --out file
refuse 1 "cannot be made" train $small --out file/run
refuse 1 "cannot be made" train $small --out /proc/rfim-run
mkdir full
touch full/thesis.txt
refuse 1 "something else than a run" train $small --out full --overwrite

refuse 1 "missing cannot be read" eval missing --data digits
refuse 1 "full is no run" eval full
refuse 1 "file is no safetensors file" eval file
refuse 1 "file is no safetensors file" eval file --data digits
refuse 1 "file is no safetensors file" predict file --to x.csv
refuse 2 "needs a file to write" predict file --data digits
refuse 2 "ends with .csv" predict file --data digits --to x.txt
refuse 2 "ends with .svg" plot full --to x.png
refuse 1 "full" plot full

succeed train $small --epochs 1 --out run --quiet
refuse 2 "needs its data" eval run/model.safetensors
refuse 2 "needs data" predict run/model.safetensors --to x.csv
refuse 1 "rfim train run/config.ini repeats the run" train run
refuse 1 "file/x.svg cannot be written" plot run --to file/x.svg

# Names that are near none: no guess.
for words in "xyzzy" "train --xyzzy 1" "help xyzzy" "data xyzzy" "train --schedule xyzzy" \
    "predict run --part xyzzy --to x.csv"; do
    run $words
    expect "status of rfim $words" "$status" 2
    grep -q "did you mean" ../out/stderr && complain "rfim $words: $(cat ../out/stderr)"
done
echo "[xyzzy]
epochs = 3" >strange.ini
refuse 2 "strange.ini, line 2: there is no section [xyzzy]" train strange.ini
finish
