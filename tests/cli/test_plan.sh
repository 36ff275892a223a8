#!/bin/sh
# rfim plan: tables of 79 columns, JSON, the same options as rfim train; what is refused.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

data="--data digits:300/60/60 --threads 2"

# fits: the last output stays within 79 columns.
fits() {
    [ "$(awk '{ if (length > most) most = length } END { print most }' ../out/stdout)" -le 79 ] ||
        complain "$*: lines beyond 79 columns: $(cat ../out/stdout)"
}

succeed plan $data --preset neuron-fast --network "784-30-20-10 relu bna"
fits plan
[ -s ../out/stderr ] && complain "plan: said something on stderr: $(cat ../out/stderr)"
for words in "^layer1 *shared *dataset *whitened " "^layer2 *neuron *ema *gradient " \
    "^norm1 *- *- *- " "^layer3 *shared *ema " "^norm1, norm2: the metric is the identity" \
    "^data  *[0-9]" "^layer1 whitened data  *[0-9]" "^process  *[0-9]" "120 steps" "Set-up, once"; do
    grep -q "$words" ../out/stdout || complain "plan: '$words' is missing: $(cat ../out/stdout)"
done
[ -e runs ] && complain "plan has made runs"

# Wide numbers, other methods.
succeed plan $data --network "784-9000-9000-10" --representation-first neuron --batch 5000
fits "plan of a wide net"
for method in sgd adam; do
    succeed plan $data --optimizer $method
    fits "plan --optimizer $method"
    grep -q "^layer1  *-  *-  *- " ../out/stdout || complain "$method has a metric"
    grep -q "Set-up" ../out/stdout && complain "$method has set-up"
done

# A form and a memory that are named; a recipe; the recipe of a run.
succeed plan $data --metric-memory batch --form layer2=gradient,automatic
grep -q "^layer2 *shared *batch *gradient " ../out/stdout || complain "form: $(cat ../out/stdout)"
echo "[data]
data = digits:300/60/60
[optimizer]
preset = shared-fast
[training]
batch = 25" >recipe.ini
succeed plan recipe.ini
grep -q "batch 25, single precision, shared-fast" ../out/stdout || complain "recipe: $(head -1 ../out/stdout)"
cp ../out/stdout ../out/first
succeed plan recipe.ini --batch 30 --preset neuron-batch
grep -q "batch 30, single precision, neuron-batch" ../out/stdout || complain "options do not win"
succeed train recipe.ini --epochs 1 --out run --quiet --memory 200M
grep -q "^memory" run/config.ini && complain "config.ini repeats --memory"
grep -q "^metric-memory *= *layer1=dataset,ema" run/config.ini || complain "config.ini: metric-memory"
succeed plan run/config.ini --epochs 20
cmp -s ../out/stdout ../out/first || complain "the plan of the run's recipe differs"

# JSON to stdout takes the place of the tables; with a file it goes beside them.
succeed plan recipe.ini --json
if command -v python3 >/dev/null; then
    python3 -m json.tool ../out/stdout >/dev/null || complain "no JSON: $(cat ../out/stdout)"
fi
grep -q '"name": "layer1", "subsystem": true, "metric": "shared", "response": "own", "memory": "dataset"' \
    ../out/stdout || complain "JSON: $(cat ../out/stdout)"
cp ../out/stdout ../out/json
succeed plan recipe.ini --json plan.json
cmp -s plan.json ../out/json || complain "the file differs from stdout"
grep -v "^wrote plan.json" ../out/stdout | cmp -s - ../out/first || complain "the tables differ"
refuse 1 "missing/plan.json cannot be written" plan recipe.ini --json missing/plan.json

# What training refuses, plan refuses: the same sentence and status.
both() {
    refuse "$1" "$2" plan $data $3
    cp ../out/stderr ../out/planned
    refuse "$1" "$2" train $data $3 --out refused
    cmp -s ../out/stderr ../out/planned ||
        complain "train $3: $(cat ../out/stderr), but plan: $(cat ../out/planned)"
}
both 2 "layer2 cannot have the metric memory \`dataset\`" "--metric-memory layer2=dataset,ema"
both 2 "found 'dataste'; did you mean dataset?" "--metric-memory layer1=dataste"
both 2 "found 'daul'; did you mean dual?" "--form daul"
both 2 "layer2 cannot take the form \`active\`" "--metric-memory batch --form layer2=active"
both 2 "layer1 cannot take the form \`dual\`" "--form dual"
both 2 "no layer \`layer7\`" "--form layer7=dual,automatic"
both 2 "coupled --l2" "--preset shared-fast --l2 0.1"
both 2 "refresh-delay: expected a number below refresh-every, which is 50" "--refresh-delay 50"
both 2 "such as 64M or 2G, found '5Q'" "--memory 5Q"
both 2 "metric-memory is an option of rngd" "--optimizer sgd --metric-memory batch"
both 1 "layer1 (\`neuron\`, \`ema\`)" "--representation-first neuron --memory 100M"
both 1 "without its metrics the run takes" "--memory 23M --optimizer sgd"
both 1 "784" "--network 100-10"
refuse 1 "rfim plan run/config.ini plans the run in it" plan run
refuse 2 "at most one recipe, but there is 'b.ini' too" plan a.ini b.ini
finish
