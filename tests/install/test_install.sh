#!/bin/sh
# Installs rfim into a folder, moves that folder, and builds programs against it: by pkg-config
# (shared and static), by find_package (shared and static), and in C++17.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step() {
    if ! "$@" >"$work/log" 2>&1; then
        echo "failed: $*" >&2
        cat "$work/log" >&2
        exit 1
    fi
}

expect() {
    if [ "$1" != "$2" ]; then
        echo "$3 printed '$1', expected '$2'" >&2
        exit 1
    fi
}

version=$(sed -n 's/^project(rfim VERSION \([0-9.]*\).*/\1/p' "$RFIM_SOURCE_DIR/CMakeLists.txt")
step cmake --install "$RFIM_BINARY_DIR" --prefix "$work/first"
mv "$work/first" "$work/moved"
prefix=$work/moved
pc=$(find "$prefix" -name rfim.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
# The folder in which the static library finds its OpenBLAS, as our own build does.
for folder in /usr/lib/*/openblas-openmp/pkgconfig; do
    PKG_CONFIG_PATH=$PKG_CONFIG_PATH:$folder
done
export PKG_CONFIG_PATH
libraries=$(pkg-config --variable=libdir rfim)

expect "$(pkg-config --modversion rfim)" "$version" "pkg-config --modversion rfim"
source=$RFIM_SOURCE_DIR/tests/install/consumer.c
step "$CC" -std=c11 -Wall -Wextra -Werror "$source" -o "$work/shared" \
    $(pkg-config --cflags --libs rfim) "-Wl,-rpath,$libraries"
expect "$("$work/shared")" "$version" "the program linked by pkg-config"

# All of the archive, so that each library it needs is missed if rfim.pc does not name it.
step "$CC" -std=c11 "$source" -o "$work/static" $(pkg-config --cflags rfim) \
    -Wl,--whole-archive "$libraries/librfim.a" -Wl,--no-whole-archive \
    $(pkg-config --static --libs rfim | sed 's/-lrfim\b//')
expect "$("$work/static")" "$version" "the program linked statically by pkg-config"

step c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror "$RFIM_SOURCE_DIR/tests/install/header.cpp" \
    -o "$work/cpp" $(pkg-config --cflags --libs rfim) "-Wl,-rpath,$libraries"
step "$work/cpp"

step cmake -S "$RFIM_SOURCE_DIR/tests/install" -B "$work/build" -G Ninja \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$CC"
step cmake --build "$work/build"
for library in rfim rfim_static; do
    expect "$("$work/build/with_$library")" "$version" "the program linked by find_package"
done

if [ -x "$RFIM_COMMAND" ]; then
    step "$prefix/bin/rfim" --version
fi
echo "install: pkg-config, find_package, C and C++17 found rfim $version"
