#!/bin/sh
# Everything that can be said about the sources without running them.
#
#   scripts/lint.sh [format|checks|tidy|cppcheck]...     (default: all of them)
#
# format and checks take a second, tidy and cppcheck minutes.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- format checks tidy cppcheck

sources() {
    find include src cli examples tests fuzz bench -type f \( -name '*.[ch]' -o -name '*.cpp' \) |
        LC_ALL=C sort
}

for part; do
    case $part in
    format)
        if ! sources | xargs clang-format --dry-run -Werror; then
            echo "lint: the lines above are laid out differently; type: make format" >&2
            exit 1
        fi
        echo "lint: format clean"
        ;;
    checks)
        scripts/check-words.sh
        scripts/check-includes.sh
        scripts/check-includes.sh --self-test
        ;;
    tidy)
        # Clang has to understand the flags. Each source once: other precisions, instruction sets
        # and test builds are the same text.
        cmake -S . -B build-lint -G Ninja -DCMAKE_C_COMPILER=clang -DRFIM_PORTABLE_ONLY=ON \
            >/dev/null
        python3 - build-lint/compile_commands.json <<'END'
import json, sys
commands = json.load(open(sys.argv[1]))
once = {command["file"]: command for command in reversed(commands)}
json.dump(list(once.values()), open(sys.argv[1], "w"), indent=1)
END
        if ! run-clang-tidy -quiet -p build-lint -j "$(nproc)" >build-lint/tidy.log 2>&1; then
            sed 's/\x1b\[[0-9;]*m//g' build-lint/tidy.log | grep ': error:' | sort -u >&2 || true
            echo "lint: clang-tidy has something to say, in full in build-lint/tidy.log;" \
                ".clang-tidy lists what is left out" >&2
            exit 1
        fi
        echo "lint: clang-tidy clean"
        ;;
    cppcheck)
        # Only the library and the command: cmocka's macros and fuzzers' entry points are noise.
        # No "style": it does not see OpenMP's pragmas, and clang-tidy covers it.
        # missingIncludeSystem: it works without the system's headers.
        # ctuuninitvar (with one thread only): takes what is to be filled for what is read.
        # invalidFunctionArg: believes that the loop over classes runs no time, and takes log(0).
        # memleak in context.c: takes the caller's allocator, a struct, for memory.
        cppcheck --std=c11 --enable=warning,performance,portability --inline-suppr \
            --suppress=missingIncludeSystem --suppress=memleak:src/core/context.c \
            --suppress=ctuuninitvar:src/algebra/cpu/dots_kernels.c \
            --suppress=invalidFunctionArg:src/network/loss_kernels.c \
            --error-exitcode=1 --quiet -j "$(nproc)" -I include -I src -DRFIM_X86=1 \
            -DRFIM_REAL=double -DRFIM_TAG=f64_portable -DRFIM_REAL_IS_f64=1 \
            -D_POSIX_C_SOURCE=200809L -DRFIM_VERSION='"0"' src cli examples
        echo "lint: cppcheck clean"
        ;;
    *)
        echo "lint: no part '$part'; there are format, checks, tidy and cppcheck" >&2
        exit 2
        ;;
    esac
done
