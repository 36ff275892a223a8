#!/bin/sh
# rfim bench: tables, JSON, what is refused. How fast anything is nobody asks here.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"
quick="--data digits:200/10/10 --net 784-6-10 --batch 20 --blocks 2 --block-seconds 0"

succeed bench $quick --no-kernels --threads 1,2 --programs floor,sgd,sgd-trimmed,adam,shared-fast \
    --json all.json
long=$(awk 'length > 80' ../out/stdout)
[ -z "$long" ] || complain "wider than 80 columns: $long"
grep -q '^floor  *1  *[0-9.]*  *1.00 ' ../out/stdout || complain "the floor is not its own floor"
expect "sgd" "$(grep -c '^sgd  ' ../out/stdout)" 3 # one thread, two, speed-up
expect "shared-fast" "$(grep -c '^shared-fast  ' ../out/stdout)" 3
grep -q "^784-6-10; batch 20 of 200 samples, 0.385 Mflop" ../out/stdout ||
    complain "the net is not described"
grep -q '/ spotrf' ../out/stdout && complain "--no-kernels times kernels"
expect "progress" "$(cat ../out/stderr)" "784-6-10: 2 blocks"

succeed bench $quick --no-kernels --programs sgd --train-samples 130
grep -q "batch 20 of 120 samples" ../out/stdout || complain "--train-samples is not heeded"

succeed bench --kernels-only --blocks 1 --block-seconds 0 --quiet --json kernels.json
[ -s ../out/stderr ] && complain "--quiet says: $(cat ../out/stderr)"
long=$(awk 'length > 80' ../out/stdout)
[ -z "$long" ] || complain "wider than 80 columns: $long"
for kernel in "product / sgemm" "weighted Gram / packed rows, sgemm" \
    "inverses of neurons / spotrf, spotri" "dual, neurons / spotrf, spotrs" "tanh / tanhf" \
    "Adam's update / a plain loop"; do
    grep -q "^$kernel\$" ../out/stdout || complain "no kernel $kernel"
done

succeed bench $quick --no-kernels --programs sgd,rngd --quiet --json
head -n 1 ../out/stdout | grep -q '^{$' || complain "--json alone does not print JSON"
cp ../out/stdout alone.json
if command -v python3 >/dev/null; then
    python3 - <<'END' >../out/python 2>&1 || complain "JSON: $(cat ../out/python)"
import json, os
found = json.load(open("all.json"))
for key in ("version", "commit", "cpu", "blas", "kernel_set", "processors", "omp_wait_policy"):
    assert key in found, key
assert found["omp_wait_policy"] == os.environ.get("OMP_WAIT_POLICY", "")
assert len(found["load_before"]) == 3 and len(found["load_after"]) == 3
(net,) = found["nets"]
assert net["network"] == "784-6-10" and net["batch"] == 20 and net["blocks"] == 2
names = [(p["name"], p["threads"]) for p in net["programs"]]
several = ["sgd", "sgd-trimmed", "adam", "shared-fast"]
assert names == [("floor", 1)] + [(n, 1) for n in several] + [(n, 2) for n in several], names
for program in net["programs"]:
    assert program["steps_a_block"] % program["period"] == 0
    for key in ("microseconds", "to_floor", "to_sgd", "to_sgd_trimmed", "speed_up"):
        spread = program[key]
        if program["name"] == "floor" or spread["median"] is not None:
            assert 0 < spread["lower"] <= spread["median"] <= spread["upper"], (program, key)
fast = net["programs"][-1]
assert fast["setup_seconds"] > 0 and fast["to_sgd"]["median"] > 0, fast
kernels = json.load(open("kernels.json"))["kernels"]
assert len(kernels) > 20 and all(k["ratio"]["median"] > 0 for k in kernels)
programs = json.load(open("alone.json"))["nets"][0]["programs"]
assert programs[0]["to_floor"]["median"] is None, "there was no floor"
END
fi

refuse_quick() {
    words=$1
    shift
    refuse 2 "$words" bench --quiet --json "$@"
}
refuse_quick "did you mean paper?" --net papers
refuse_quick "did you mean shared-fast?" $quick --programs sgd,shared-fats
refuse_quick "784-1024-10 relu" $quick --net "784-6-10 tanh" --programs neuron-batch-hard
refuse_quick "expected up to 4 numbers from 1 to 1024" --threads 0
refuse_quick "expected up to 4 numbers from 1 to 1024" --threads 1,2,
refuse_quick "--blocks: expected 1 to 10000, found 'no'" --blocks no
refuse_quick "--block-seconds: expected 0 to 3600" --block-seconds -1
refuse_quick "leave nothing to time" --kernels-only --no-kernels
refuse_quick "more than the 10 training samples" --data digits:10/10/10
refuse_quick "300 are asked for" $quick --train-samples 300
refuse_quick "options only" paper
refuse_quick "did you mean --programs?" --program sgd
refuse 1 "missing/x.json cannot be written" bench $quick --json missing/x.json
if [ -w /dev/full ]; then
    "$rfim" bench $quick --no-kernels --quiet >/dev/full 2>../out/stderr
    expect "status when stdout is full" $? 1
fi
finish
