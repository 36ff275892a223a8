#!/bin/sh
# Checks the direction of dependencies: who includes whom.
#
#   scripts/check-includes.sh [FOLDER]        the repository in FOLDER (default: this one)
#   scripts/check-includes.sh --self-test     breaks each rule in a copy, and wants it noticed
#
# The rules
#   src/FLOOR/          its own floor and the floors below, as "floor/file.h"; from include/rfim
#                       only what its floor may know; the matrix library only in algebra
#   src/check/oracle    shares no code with the library: the C headers and its own files only
#   src/algebra/cpu     (or ref) known to itself and to src/algebra/*.c only
#   cli/ examples/      <rfim/...>, the C and POSIX headers, and files of the same folder
#   include/rfim/       <rfim/...> and the C headers
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)

check() {
    cd "$1"
    find src cli examples include -name '*.[ch]' -type f 2>/dev/null | LC_ALL=C sort |
        xargs awk '
    function set_of(words, set,    list, i, n) {
        n = split(words, list, " ")
        for (i = 1; i <= n; i++)
            set[list[i]] = i
    }
    function complain(why) {
        printf "%s:%d: %s: %s\n", FILENAME, FNR, $0, why
        wrong++
    }
    BEGIN {
        set_of("core comm algebra io data network metric subsystem fim optimizer train inspect check " \
               "bench", floor)
        # The lowest floor that may know each public header. Metrics read their settings, which
        # are part of optimizer.h.
        split("export.h core status.h core context.h core array.h core data.h data io.h data " \
              "network.h network metric.h metric optimizer.h optimizer options.h optimizer " \
              "plan.h train train.h train fim.h fim inspect.h inspect check.h check bench.h " \
              "bench rfim.h bench", pairs, " ")
        for (i = 1; i in pairs; i += 2)
            lowest[pairs[i]] = pairs[i + 1]
        set_of("assert.h complex.h ctype.h errno.h fenv.h float.h inttypes.h limits.h locale.h " \
               "math.h setjmp.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h " \
               "stdint.h stdio.h stdlib.h stdnoreturn.h string.h threads.h time.h wchar.h", c)
        set_of("dirent.h fcntl.h getopt.h libgen.h poll.h pthread.h strings.h sys/ioctl.h " \
               "sys/resource.h sys/select.h sys/stat.h sys/time.h sys/types.h sys/utsname.h " \
               "sys/wait.h termios.h unistd.h", posix)
        set_of("cblas.h f77blas.h lapack.h lapacke.h openblas_config.h", matrices)
    }
    !/^[ \t]*#[ \t]*include[ \t]*[<"]/ { next }
    {
        quoted = /include[ \t]*"/
        name = $0
        sub(/^[^<"]*[<"]/, "", name)
        sub(/[>"].*/, "", name)
        split(name, part, "/")
        split(FILENAME, where, "/")
        base = part[1] == "rfim" ? part[2] : ""
        if (name ~ /(^|\/)\.\.?\//) {
            complain("a path with . or ..; say it from the folder src/ or include/")
            next
        }
    }
    base != "" && !(base in lowest) {
        complain("no public header of that name is known to this check")
        next
    }
    where[1] == "src" {
        mine = where[2]
        if (mine == "check" && where[3] == "oracle") {
            if (quoted ? name !~ /^check\/oracle\// : !(name in c))
                complain("the oracle shares no code with the library: C headers and its own only")
        } else if (!(mine in floor))
            complain("the folder " mine " is no floor of the house")
        else if (base != "") {
            if (floor[lowest[base]] > floor[mine])
                complain("the floor " mine " is below " lowest[base])
        } else if (quoted && !(part[1] in floor && part[2] != ""))
            complain("write it as \"floor/file.h\"")
        else if (quoted && floor[part[1]] > floor[mine])
            complain("the floor " mine " is below " part[1])
        else if (quoted && name ~ /^algebra\/(cpu|ref)\// && where[2] "/" where[3] != \
                 "algebra/" part[2] && FILENAME !~ /^src\/algebra\/[^\/]*\.c$/)
            complain("a backend is known to itself and to src/algebra/*.c only")
        else if (name in matrices && mine != "algebra")
            complain("matrix products go through algebra/algebra.h")
        next
    }
    base != "" { next }
    where[1] == "include" {
        if (quoted || !(name in c))
            complain("public headers include <rfim/...> and the C headers only")
        next
    }
    quoted {
        file = where[1] "/" name
        if (part[2] != "" || (getline line < file) < 0)
            complain("only files of the folder " where[1] " and <rfim/...>")
        close(file)
        next
    }
    !(name in c) && !(name in posix) {
        complain("the folder " where[1] " sees <rfim/...>, the C and POSIX headers only")
    }
    END {
        exit wrong > 0
    }'
}

# plant FILE LINE: adds the line to the file in a copy of the repository; it must be noticed.
plant() {
    rm -rf "$copy"
    mkdir "$copy"
    (cd "$here" && tar cf - src cli examples include) | tar xf - -C "$copy"
    mkdir -p "$(dirname "$copy/$1")"
    printf '%s\n' "$2" >>"$copy/$1"
    if found=$(check "$copy") || [ "$(echo "$found" | wc -l)" != 1 ]; then
        echo "check-includes: not noticed, or not alone, in $1: $2" >&2
        [ -z "$found" ] || echo "$found" >&2
        exit 1
    fi
}

self_test() {
    temporary=$(mktemp -d)
    trap 'rm -rf "$temporary"' EXIT
    copy=$temporary/copy
    plant src/core/planted.c '#include "network/network.h"'
    plant src/core/planted.c '#  include "algebra/algebra.h"'
    plant src/io/planted.h '#include "data/dataset.h"'
    plant src/network/planted.c '#include "algebra/cpu/planted.h"'
    plant src/algebra/planted.h '#include "algebra/ref/planted.h"'
    plant src/algebra/ref/planted.c '#include "algebra/cpu/planted.h"'
    plant src/metric/planted.c '#include "../train/loop.h"'
    plant src/metric/planted.c '#include "planted.h"'
    plant src/metric/planted.c '#include <cblas.h>'
    plant src/data/planted.c '#include <rfim/train.h>'
    plant src/check/oracle/planted.c '#include "core/context.h"'
    plant src/check/oracle/planted.c '#include <rfim/status.h>'
    plant src/check/oracle/planted.c '#include "check/check.h"'
    plant src/train/planted.c '#include "check/oracle/oracle.h"'
    plant src/attic/planted.c '#include "core/context.h"'
    plant cli/planted.c '#include "core/context.h"'
    plant cli/planted.c '#include <jansson.h>'
    plant examples/planted.c '#include "context.h"'
    plant include/rfim/data.h '#include <zlib.h>'
    echo "check-includes: every planted violation was noticed"
}

case ${1:-} in
--self-test)
    self_test
    ;;
*)
    if ! (check "${1:-$here}"); then
        echo "check-includes: the lines above break the direction of dependencies" >&2
        exit 1
    fi
    echo "check-includes: clean"
    ;;
esac
