#!/bin/sh
# Installs the Debian packages that are missing, after saying which.
#
#   scripts/setup.sh [--check] [build] [test] [lint] [fuzz] [torch]      (default: build)
#
# Installs as root, or through sudo where that asks no password. Where neither works, and with
# --check, it prints the one line to type instead and fails. Where nothing is missing it is quick
# and says nothing. On systems without dpkg it says what is needed and goes on.
set -eu

build="gcc libc6-dev make cmake ninja-build pkg-config
       libopenblas-openmp-dev libjansson-dev zlib1g-dev"
test="g++ libcmocka-dev"
lint="clang clang-format clang-tidy cppcheck libomp-dev"
fuzz="clang libclang-rt-14-dev libomp-dev valgrind"
torch="python3-torch" # one test compares with it; 630 MB with what it needs

check=no
packages=
[ $# -gt 0 ] || set -- build
for group; do
    case $group in
    --check) check=yes ;;
    build) packages="$packages $build" ;;
    test) packages="$packages $build $test" ;;
    lint) packages="$packages $build $lint" ;;
    fuzz) packages="$packages $build $fuzz" ;;
    torch) packages="$packages $torch" ;;
    *)
        echo "setup: no group '$group'; there are build, test, lint, fuzz and torch" >&2
        exit 2
        ;;
    esac
done
packages=$(printf '%s\n' $packages | sort -u)

if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is no Debian; what its packages are called there:" $packages >&2
    exit 0
fi

# Those of the packages that dpkg has installed, in the form "name".
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $packages 2>/dev/null |
    sed -n 's/^installed //p' | sort -u) || true
missing=
for package in $packages; do
    echo "$installed" | grep -qxF -e "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    as_root=none
fi
if [ "$check" = yes ] || [ "$as_root" = none ]; then
    [ "$(id -u)" = 0 ] && sudo= || sudo="sudo "
    echo "setup: packages are missing. Please type:" >&2
    echo "  ${sudo}apt-get update && ${sudo}apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

echo "setup: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -o Acquire::Retries=3 \
        -o DPkg::Lock::Timeout=120 "$@" </dev/null >"$log" 2>&1 && return
    cat "$log" >&2
    echo "setup: apt-get $1 failed; the packages needed are:$missing" >&2
    exit 1
}
# Without the lists the packages cannot be found; an update that fails in part may be enough.
$as_root apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 update </dev/null >"$log" 2>&1 ||
    cat "$log" >&2
apt install --no-install-recommends $missing
echo "setup: done"
