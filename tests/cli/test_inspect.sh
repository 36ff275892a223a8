#!/bin/sh
# rfim inspect: tables of 79 columns, JSON, a page; of runs and of model files; what is refused.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

data=digits:300/60/60
succeed train --data $data --network "784-20-12-10 tanh" --epochs 1 --out run --quiet

# is_json FILE: one JSON object, as far as brackets and quotes can tell without more tools.
is_json() {
    if command -v python3 >/dev/null; then
        python3 -m json.tool "$1" >/dev/null
    else
        [ "$(tr -cd '{' <"$1" | wc -c)" -eq "$(tr -cd '}' <"$1" | wc -c)" ]
    fi
}

# Of a run: its data, its damping, and the page beside its other files.
succeed inspect run
for words in "run/model.safetensors" "300 training samples, response own, damping 0.075" \
    "785 x 20" "21 x 12" "13 x 10" "wrote run/inspect.svg"; do
    grep -q "$words" ../out/stdout || complain "inspect: '$words' is missing: $(cat ../out/stdout)"
done
[ -s ../out/stderr ] && complain "inspect: said without a terminal: $(cat ../out/stderr)"
[ "$(awk '{ if (length > most) most = length } END { print most }' ../out/stdout)" -le 79 ] ||
    complain "inspect: lines beyond 79 columns: $(cat ../out/stdout)"
grep -q "</svg>" run/inspect.svg || complain "run/inspect.svg is not whole"
cp ../out/stdout ../out/first

# Layer 1 as one block for each neuron: 20 x 785 x 786 / 2 numbers, three times.
succeed inspect run --memory 10M
grep -q "^layer1 .* shared " ../out/stdout || complain "not shared: $(cat ../out/stdout)"
grep -q "^layer1: neuron would take .* MB, more than 10 MB" ../out/stdout ||
    complain "the reason is not told: $(cat ../out/stdout)"
succeed inspect run --memory 1G
grep -q "^layer1 .* neuron " ../out/stdout || complain "not neuron: $(cat ../out/stdout)"
grep -q "would take" ../out/stdout && complain "a reason too many: $(cat ../out/stdout)"

# One module, neuron by neuron.
succeed inspect run --layer layer2 --response network --representation dense --to page.svg
expect "neurons" "$(grep -c '^ *[0-9][0-9]*  .*\(active\|linear\|saturated\|dead\)' ../out/stdout)" 12
grep -q "^layer1" ../out/stdout && complain "layer1 is there too"
[ -s page.svg ] || complain "there is no page.svg"

# JSON to stdout takes the place of the tables; with a file it goes beside them.
succeed inspect run --json
is_json ../out/stdout || complain "stdout is no JSON: $(head -c 300 ../out/stdout)"
cp ../out/stdout ../out/json
succeed inspect --json run
cmp -s ../out/stdout ../out/json || complain "--json before the run differs"
succeed inspect run --json found.json
cmp -s found.json ../out/json || complain "the file differs from stdout"
grep -q "^wrote found.json" ../out/stdout || complain "found.json is not announced"
grep -v "^wrote found.json" ../out/stdout | cmp -s - ../out/first || complain "the tables differ"
succeed inspect run --json=other.json --threads 1
cmp -s other.json ../out/json || complain "one thread finds something else"

# A part of the data, the first samples, another damping.
succeed inspect run --part test --samples 50 --damping 0.1 --damping-relative-to mean-diagonal
grep -q "50 test samples, response own, damping 0.1 relative to mean-diagonal" ../out/stdout ||
    complain "part, samples or damping: $(head -2 ../out/stdout)"

# A model file has its data from --data, and a page only with --to.
rm run/inspect.svg
succeed inspect run/model.safetensors --data $data
[ -e run/inspect.svg ] && complain "a page that nobody asked for"
refuse 2 "needs its data: --data WHERE" inspect run/model.safetensors

# Where results go is tried before the work, and left as it was when that fails.
refuse 1 "missing/p.svg cannot be written" inspect run --to missing/p.svg
refuse 1 "missing/p.json cannot be written" inspect run --json missing/p.json
refuse 1 "missing/p.json cannot be written" inspect run --to new.svg --json missing/p.json
refuse 2 "the nearest is layer2" inspect run --layer layr2 --to new.svg --json new.json

# A response or representation that not every module has.
succeed inspect run --response next
grep -q "^layer3: no next module with weights: response network" ../out/stdout ||
    complain "next of the last layer: $(cat ../out/stdout)"
refuse 1 "no response \`next\`; take own or network" inspect run --response next --layer layer3
refuse 1 "these hold it: softmax, dense" inspect run --representation shared --layer layer3
refuse 1 "more than the 1 MB allowed" inspect run --representation neuron --layer layer1 --memory 1M

refuse 1 "no validation samples" inspect run --data digits:50/0/0 --part valid
refuse 2 "the nearest is layer2" inspect run --layer layr2
refuse 2 "did you mean shared?" inspect run --representation sharde
refuse 2 "expected own|next|network, found 'net'" inspect run --response net
refuse 2 "expected train|valid|test, found 'tset'; did you mean test?" inspect run --part tset
refuse 2 "the data set has 300 samples, found 301" inspect run --samples 301
refuse 2 "--samples: expected a whole number from 1 on, found '0'" inspect run --samples 0
refuse 2 "--samples: expected a whole number from 1 on, found '5x'" inspect run --samples 5x
refuse 2 "such as 64M or 2G, found '64Q'" inspect run --memory 64Q
refuse 2 "memory: expected a number of bytes such as 64M or 2G, found '-1'" inspect run --memory -1
refuse 2 "damping: expected a number of at least 0, found '-1'" inspect run --damping -1
refuse 2 "ends with .svg, found 'page.png'" inspect run --to page.png
refuse 2 "ends with .json, found 'page.txt'" inspect run --json=page.txt
refuse 2 "expects a run folder or a model file" inspect
refuse 1 "is no run" inspect .
refuse 1 "missing.safetensors" inspect missing.safetensors --data $data
finish
