# helpers.sh - read by the scripts beside it. They run in a folder of their own; $rfim is the
# command. A script goes through all its checks and fails at its end when one of them did.
set -u
rfim=$RFIM_COMMAND
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir in out
cd in || exit 1
failures=0

complain() {
    echo "$*" >&2
    failures=$((failures + 1))
}

finish() {
    if [ "$failures" -gt 0 ]; then
        echo "$failures checks failed" >&2
        exit 1
    fi
    exit 0
}

# run ARGUMENT...: runs the command; $status, ../out/stdout and ../out/stderr tell how it went.
run() {
    "$rfim" "$@" >../out/stdout 2>../out/stderr
    status=$?
}

# succeed ARGUMENT...
succeed() {
    run "$@"
    if [ "$status" -ne 0 ]; then
        complain "rfim $*: exit status $status: $(cat ../out/stderr)"
    fi
}

# refuse STATUS WORDS ARGUMENT...: the command ends with the status, says one sentence that has
# the words, prints nothing else, and leaves the folder as it was.
refuse() {
    expected=$1
    words=$2
    shift 2
    before=$(find . | sort)
    run "$@"
    [ "$status" -eq "$expected" ] || complain "rfim $*: exit status $status, not $expected"
    [ "$(wc -l <../out/stderr)" -eq 1 ] || complain "rfim $*: not one line: $(cat ../out/stderr)"
    grep -q -F -e "$words" ../out/stderr ||
        complain "rfim $*: '$words' is not in: $(cat ../out/stderr)"
    [ -s ../out/stdout ] && complain "rfim $*: wrote to stdout: $(cat ../out/stdout)"
    [ "$(find . | sort)" = "$before" ] || complain "rfim $*: left something: $(ls)"
}

# expect WHAT FOUND EXPECTED
expect() {
    [ "$2" = "$3" ] || complain "$1: found '$2', expected '$3'"
}

# A small data set and a small network.
small="--data digits:200/50/50 --network 784-8-10"
