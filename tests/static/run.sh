#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [--advice]: what can be proved, or doubted, without running the library.
#
# clang-tidy, cppcheck, clang's analyzer across all files and the examples, clang
# -Weverything, shellcheck. --advice: gcc -fanalyzer instead, which sees one file at
# a time, so that its findings do not count.
# Works on build/dev, which tests/run.sh makes. On a Debian machine it first
# installs what is missing, and says so.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=build/dev
work=$build/static
failed=0

missing=
for need in clang:clang clang-tidy:clang-tidy cppcheck:cppcheck \
    analyze-build-14:clang-tools-14 shellcheck:shellcheck; do
    command -v "${need%%:*}" >/dev/null || missing="$missing ${need##*:}"
done
if [ -n "$missing" ]; then
    echo "Installing what the static checks need:$missing"
    apt-get -qq update
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -qq install \
        --no-install-recommends $missing >/dev/null || exit 1
fi
cmake --preset dev >/dev/null && cmake --build "$build" >/dev/null || exit 1
mkdir -p "$work"
sources=$(ls lib/*/*.c)
jobs=$(nproc)

# The commands as clang takes them: without gcc's own options, and one of each
# source, some of which are compiled for the tests once more.
python3 - "$build" "$work" <<'END' || exit 1
import json, sys
build, work = sys.argv[1:]
entries = [e for e in json.load(open(f"{build}/compile_commands.json"))
           if "/lib/" in e["file"] or "/examples/" in e["file"]]
entries = list({entry["file"]: entry for entry in reversed(entries)}.values())
for entry in entries:
    words = [w for w in entry["command"].split()[1:] if not w.startswith(("-f", "-W"))]
    entry["command"] = " ".join(["clang-14"] + words)
json.dump(entries, open(f"{work}/compile_commands.json", "w"))
END

# run NAME COMMAND...: a check, which must print nothing
run() {
    name=$1
    shift
    echo "$name ..."
    "$@" >"$work/$name.log" 2>&1
    status=$?
    if [ $status -eq 0 ] && [ ! -s "$work/$name.log" ]; then
        echo "$name: nothing found"
    else
        echo "$name: ended with $status and found"
        cat "$work/$name.log"
        failed=1
    fi
}

# each COMMAND...: for each source, on all processors
each() {
    # shellcheck disable=SC2086
    printf '%s\n' $sources | xargs -P "$jobs" -n 1 "$@"
}

# On stderr is how many warnings of other files it left out.
tidy() {
    each clang-tidy --quiet -p "$work" 2>"$work/clang-tidy.err"
}

# The table of constants is one #ifdef each. variableScope asks for declarations inside blocks; the other two do not see a
# copy of a struct, nor a union that takes const away.
check_cpp() {
    # shellcheck disable=SC2086
    cppcheck --quiet -j "$jobs" --error-exitcode=1 --inline-suppr \
        --enable=warning,style,performance,portability \
        --suppress=missingIncludeSystem --suppress=variableScope \
        --suppress=unreadVariable --suppress=unusedStructMember \
        --suppress=toomanyconfigs \
        -Iinclude -Ilib/socket -I"$build/lib" $sources
}

# The analyzer sees all files at once: alone, it would not know that
# sock__fail() returns -1.
analyze() {
    rm -rf "$work/analysis"
    analyze-build-14 --ctu --cdb "$work/compile_commands.json" --plist \
        --output "$work/analysis" --status-bugs --use-analyzer clang-14 \
        --use-extdef-map-cmd clang-extdef-mapping-14 >/dev/null 2>"$work/analysis.err"
    python3 - "$work/analysis" <<'END'
import glob, plistlib, sys
reports = glob.glob(sys.argv[1] + "/*/*.plist")
if not reports:
    print("the analyzer wrote no report")
for report in reports:
    content = plistlib.load(open(report, "rb"))
    for d in content["diagnostics"]:
        where = d["location"]
        print(f"{content['files'][where['file']]}:{where['line']}: {d['description']}")
END
}

# Not taken: what C11 and atomics are (declaration-after-statement,
# atomic-implicit-seq-cst), layout (padded), comparison of a double with 0 and
# infinity (float-equal), what _POSIX_C_SOURCE and _GNU_SOURCE are
# (reserved-macro-identifier), what <signal.h> has (disabled-macro-expansion) and
# OpenSSL's inline functions are (used-but-marked-unused),
# and what the analyzer above sees better (conditional-uninitialized).
everything() {
    each clang -std=c11 -Weverything -Wno-declaration-after-statement \
        -Wno-atomic-implicit-seq-cst -Wno-padded -Wno-float-equal \
        -Wno-reserved-macro-identifier -Wno-disabled-macro-expansion \
        -Wno-conditional-uninitialized -Wno-used-but-marked-unused \
        -Wno-unsafe-buffer-usage -Wno-unknown-warning-option \
        -Iinclude -Ilib/socket -I"$build/lib" -fsyntax-only
}

shells() {
    # SC2317: functions that run() calls; SC2046: the words are file names
    # shellcheck disable=SC2046
    shellcheck -x -e SC2317 $(git ls-files '*.sh') .ci/run
}

advice() {
    each gcc -std=c11 -O2 -fanalyzer -Iinclude -Ilib/socket -I"$build/lib" \
        -S -o /dev/null 2>&1 | grep 'warning:'
}

if [ "${1-}" = --advice ]; then
    advice
    exit
fi

run clang-tidy tidy
run cppcheck check_cpp
run analyzer analyze
run everything everything
run shellcheck shells
exit $failed
