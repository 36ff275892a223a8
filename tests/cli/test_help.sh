#!/bin/sh
# Help: every page fits a terminal, and every option and preset has its words.
. "$RFIM_SOURCE_DIR/tests/cli/helpers.sh"

fits() {
    long=$(awk 'length > 80' "$1")
    [ -z "$long" ] || complain "$2 is wider than 80 columns: $long"
}

succeed help
fits ../out/stdout "rfim help"
commands=$(sed -n 's/^  rfim \([a-z]*\)  *.*/\1/p' ../out/stdout | sort -u)
expect "commands" "$(echo $commands)" "bench check data eval fim help inspect plan plot predict train version"
for command in $commands; do
    succeed help "$command"
    fits ../out/stdout "rfim help $command"
    cp ../out/stdout ../out/page
    grep -q "^Examples:" ../out/page || complain "rfim help $command has no examples"
    succeed "$command" --help
    cmp -s ../out/stdout ../out/page || complain "rfim $command --help differs from rfim help"
done

succeed help train
cp ../out/stdout ../out/page
for option in data split train-samples data-seed target network loss init precision optimizer \
    preset learning-rate schedule warmup momentum l2 weight-decay adam-beta1 adam-beta2 \
    adam-epsilon representation representation-first representation-last metric-pass \
    metric-decay metric-prior metric-every refresh-every metric-ramp damping damping-relative-to sigma \
    metric-memory form refresh-delay epochs batch seed eval-samples out threads kernels memory \
    overwrite quiet; do
    grep -q -e "^  --$option\( \|\$\)" ../out/page || complain "rfim help train has no --$option"
    succeed help "$option"
    fits ../out/stdout "rfim help $option"
done

succeed help momentum
cp ../out/stdout ../out/page
succeed help --momentum
cmp -s ../out/stdout ../out/page || complain "rfim help --momentum differs from rfim help momentum"

succeed help presets
fits ../out/stdout "rfim help presets"
for preset in sgd adam rngd icml2017 shared-fast neuron-fast neuron-batch; do
    grep -q -e "^--preset $preset\$" ../out/stdout || complain "no preset $preset"
done

# Nothing at all is wrong usage, but shows what there is.
run
expect "rfim: status" "$status" 2
grep -q "rfim train" ../out/stdout || complain "rfim alone does not show its commands"

succeed --version
version=$(sed -n 's/^project(rfim VERSION \([0-9.]*\).*/\1/p' "$RFIM_SOURCE_DIR/CMakeLists.txt")
expect "rfim --version" "$(head -n 1 ../out/stdout)" "rfim $version"
for word in precisions BLAS threads kernels; do
    grep -q "^$word" ../out/stdout || complain "rfim --version says nothing about $word"
done

if [ -w /dev/full ]; then
    "$rfim" help >/dev/full 2>../out/stderr
    expect "status when stdout is full" $? 1
fi
finish
