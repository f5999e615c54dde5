#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [--long | --all] [PRESET]: builds the library and runs its tests.
#
#   PRESET     one of CMakePresets.json: dev, or as $PRESET says
#   --long     also the tests that take long: every standard of every compiler,
#              every way to install, load
#   --all      also what takes longest, the planted bugs: a quarter of an hour
#   BUILD_DIR  where to build: build/PRESET
#   CC         the compiler, with a preset that names none
#
# On a Debian machine it first installs what is missing, and says so. The last
# lines say what failed and what was skipped, and why, and count the tests.
set -eu
cd "$(dirname "$0")/.."
without='^long'
preset=${PRESET:-dev}
for word; do
    case $word in
    --help)
        sed -n '2,/^set -eu/s/^# \{0,1\}//p' tests/run.sh
        exit
        ;;
    --long) without='^longest$' ;;
    --all) without= ;;
    -*)
        echo "run.sh: no such option: $word; see --help" >&2
        exit 1
        ;;
    *) preset=$word ;;
    esac
done
build=${BUILD_DIR:-build/$preset}

stop() {
    printf 'run.sh: %s\n' "$@" >&2
    exit 1
}

# ---- installing -------------------------------------------------------------

# need PACKAGE TEST...: notes the package if the test fails
missing=
need() {
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

# shellcheck disable=SC2317 # need() calls it
links_msan() {
    echo 'int main(void) { return 0; }' |
        clang -fsanitize=memory -x c -o /dev/null -
}

# shellcheck disable=SC2317
has_libfaketime() {
    [ -n "$(find /usr/lib -name libfaketime.so.1 2>/dev/null)" ]
}

# shellcheck disable=SC2317
of_python() {
    /usr/bin/python3 -W ignore -c "import $1"
}

# need_instead PACKAGE PROGRAM WHAT: but not of a machine that is WHAT by another
# package, which would be removed
need_instead() {
    package=$1
    need "$package" test -x "$2"
    case $missing in
    *" $package") ;;
    *) return 0 ;;
    esac
    if dpkg-query --show --showformat '${db:Status-Abbrev} ${Provides}\n' 2>/dev/null |
        grep -q "^i.*\b$3\b"; then
        missing=${missing%" $package"}
    fi
}

need_for_ssl() {
    need libssl-dev test -e /usr/include/openssl/ssl.h
    need openssl command -v openssl
}

# What the presets need beyond what all need. Those of other processors and C
# libraries, and of the tools that Criterion does not go under, do without it.
need_for_preset() {
    case $preset in
    plain | tsan)
        need_for_ssl
        ;;
    msan)
        need clang command -v clang
        need libclang-rt-dev links_msan
        ;;
    valgrind)
        need_for_ssl
        need valgrind command -v valgrind
        need libc6-dbg test -d /usr/lib/debug/.build-id
        ;;
    i386)
        need gcc-12-multilib test -d /usr/lib/gcc/x86_64-linux-gnu/12/32
        need libc6-dev-i386 test -e /usr/include/x86_64-linux-gnu/gnu/stubs-32.h
        ;;
    musl | musl-static)
        need musl-tools command -v musl-gcc
        ;;
    aarch64)
        need gcc-aarch64-linux-gnu command -v aarch64-linux-gnu-gcc
        need libc6-dev-arm64-cross test -d /usr/aarch64-linux-gnu/include
        need qemu-user-static command -v qemu-aarch64-static
        ;;
    s390x)
        need gcc-s390x-linux-gnu command -v s390x-linux-gnu-gcc
        need libc6-dev-s390x-cross test -d /usr/s390x-linux-gnu/include
        need qemu-user-static command -v qemu-s390x-static
        ;;
    *)
        need_for_ssl
        need g++ command -v g++
        need clang command -v clang++
        need binutils command -v readelf
        need dpkg-dev command -v dpkg-gensymbols
        need libcriterion-dev test -e /usr/include/criterion/criterion.h
        need abigail-tools command -v abidiff
        need netcat-openbsd command -v nc
        need socat command -v socat
        need curl command -v curl
        need wget command -v wget
        need gnutls-bin command -v gnutls-serv
        need stunnel4 command -v stunnel4
        need nginx-light test -x /usr/sbin/nginx
        need lighttpd test -x /usr/sbin/lighttpd
        need apache2-bin test -x /usr/sbin/apache2
        need apache2-utils command -v ab
        need wrk command -v wrk
        need tinyproxy-bin test -x /usr/bin/tinyproxy
        need dnsmasq-base command -v dnsmasq
        need iproute2 command -v ip
        need nftables command -v nft
        need nmap command -v nmap
        need dovecot-imapd test -x /usr/lib/dovecot/imap
        need dovecot-pop3d test -x /usr/lib/dovecot/pop3
        need dovecot-lmtpd test -x /usr/lib/dovecot/lmtp
        need_instead postfix /usr/sbin/smtp-sink mail-transport-agent
        need_instead vsftpd /usr/sbin/vsftpd ftp-server
        need python3-aiosmtpd of_python aiosmtpd
        need python3-pyftpdlib of_python pyftpdlib.handlers
        need python3-openssl of_python OpenSSL
        servers=yes
        need strace command -v strace
        need patch command -v patch
        need libfaketime has_libfaketime
        [ "$preset" != coverage ] || need gcovr command -v gcovr
        ;;
    esac
}

# As root, or by sudo: apt-get, while no package begins to serve, as nginx would.
install_quietly() {
    policy=/usr/sbin/policy-rc.d
    made=
    if [ ! -e "$policy" ]; then
        made=$policy
        printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
        $as_root chmod 755 "$policy"
    fi
    result=0
    # shellcheck disable=SC2086
    { $as_root apt-get -qq update && $as_root env \
        DEBIAN_FRONTEND=noninteractive apt-get -qq install \
        --no-install-recommends $missing; } || result=$?
    [ -z "$made" ] || $as_root rm -f "$made"
    return $result
}

# What it says is shown if it fails.
install_packages() {
    wanted="Missing (Debian's packages):$missing"
    command -v apt-get >/dev/null || stop "$wanted" \
        "There is no apt-get here: install them, then run this again."
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || stop "$wanted" \
            "Install them as root, then run this again."
        as_root=sudo
    fi
    echo "Installing what the tests need:$missing"
    if said=$(install_quietly 2>&1); then
        return
    fi
    stop "$said" "$wanted" "apt-get failed: install them, then run this again."
}

# Those that can't be installed are unpacked, each into a folder of its own, with
# those of its libraries that not everyone has. Where that can't be its tests are
# skipped.
libraries_of() {
    # shellcheck disable=SC2046
    apt-get -qq install --simulate --no-upgrade --no-install-recommends $(
        apt-cache depends "$@" | sed -n 's/^ .*Depends: \(lib[^ ]*\)$/\1/p'
    ) | sed -n 's/^Inst \(lib[^ ]*\) .*/\1/p' | grep -vx 'libc6\|lib.*-perl'
}

# unpack NAME PROGRAM PACKAGE...: unless that program is installed
# shellcheck disable=SC2046
unpack() (
    [ ! -x "$2" ] && [ ! -d "$build/unpacked/$1" ] || exit 0
    new=$build/unpacked/$1.new
    rm -rf "$new"
    mkdir -p "$new"
    cd "$new" || exit 0
    name=$1
    shift 2
    apt-get -qq download "$@" $(libraries_of "$@") || exit 0
    for archive in *.deb; do
        dpkg-deb -x "$archive" . || exit 0
        rm "$archive"
    done
    mv "../$name.new" "../$name"
)

# The installation of INN fails where the host has no domain; the others don't go
# beside Postfix and vsftpd.
unpack_servers() {
    unpack inn /usr/lib/news/bin/innd inn2 inn2-inews
    unpack exim /usr/sbin/exim4 exim4-base exim4-daemon-light
    unpack proftpd /usr/lib/proftpd/mod_tls.so proftpd-core proftpd-mod-crypto
    unpack pure-ftpd /usr/sbin/pure-ftpd pure-ftpd
}

need gcc command -v gcc
need libc6-dev test -e /usr/include/netdb.h
need cmake command -v cmake
need make command -v make
need pkg-config command -v pkg-config
need python3 test -x /usr/bin/python3
need netbase test -e /etc/services
servers=
need_for_preset
[ -z "$missing" ] || install_packages

# ---- building ---------------------------------------------------------------

mkdir -p "$build" 2>/dev/null || true
[ -w "$build" ] || stop \
    "$build cannot be written. Build elsewhere: BUILD_DIR=/tmp/pysockc sh $0"
[ -z "$servers" ] || unpack_servers >/dev/null 2>&1

case ${CC:-} in
*musl-gcc) elsewhere=musl ;;
*aarch64-linux-gnu-gcc) elsewhere=aarch64 ;;
*s390x-linux-gnu-gcc) elsewhere=s390x ;;
*" -m32"*) elsewhere=i386 ;;
*) elsewhere=$preset ;;
esac
case $preset in
"$elsewhere" | "$elsewhere"-*) ;;
*) stop "CC=$CC is of another preset: sh tests/run.sh $elsewhere" ;;
esac

# CMake would keep the compiler and the flags of the first time.
flags="${CC:-} ${CFLAGS:-} ${LDFLAGS:-}"
fresh=
[ "$(cat "$build/flags" 2>/dev/null)" = "$flags" ] || fresh=--fresh
echo "Configuring $build"
# shellcheck disable=SC2086
cmake --preset "$preset" -B "$build" $fresh >/dev/null || exit 1
echo "$flags" >"$build/flags"
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
named=${CC:-}
named=${named%% *}
[ -z "$named" ] || [ "${named##*/}" = "${compiler##*/}" ] || stop \
    "CC=$CC, but the preset $preset is of $compiler"

jobs=$(nproc)
echo "Building $build by $compiler"
cmake --build "$build" --parallel "$jobs"

# ---- testing ----------------------------------------------------------------

# listed ARGUMENT...: how many ctest would run
listed() {
    ctest --test-dir "$build" --show-only "$@" | sed -n 's/^Total Tests: //p'
}

# Tests wait more than they work.
set -- --parallel $((jobs * 2)) --output-on-failure
if [ -z "$without" ]; then
    echo "Testing $build: $(listed) programs and scripts"
else
    set -- "$@" -LE "$without"
    echo "Testing $build: $(listed "$@") of $(listed) programs and scripts;" \
        "the others run with --long or --all"
fi
# What an earlier run left would be counted.
rm -rf "$build/results" "$build/ctest.xml"
status=0
ctest --test-dir "$build" "$@" --test-output-size-passed 65536 \
    --output-junit ctest.xml || status=$?

echo
tests/tools/summary.py "$build" || status=1
exit $status
