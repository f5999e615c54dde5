#!/bin/sh
# SPDX-License-Identifier: MIT
# check_package.sh [--bare] SCRATCH: the packages that cpack makes hold what they
# should, and nothing else. Works in SCRATCH, which is made anew.
#
# --bare: they are installed in a Debian that has a compiler and CMake alone,
# README's program is built and run there, and they go without a trace; then the
# archive, too. See bare.sh.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/checks/bare.sh"
bare_too=
if [ "$1" = --bare ]; then
    bare_too=yes
    shift
fi
scratch=$1
version=$(sed -n 's/^#define SOCK_VERSION "\(.*\)"/\1/p' "$source/include/pysockc/version.h")
soversion=${version%%.*}
[ "$soversion" != 0 ] || soversion=${version%.*}
runtime=libpysockc$soversion
runtime_ssl=libpysockc-ssl$soversion
runtime_net=libpysockc-net$soversion

for tool in dpkg-deb dpkg-gensymbols; do
    command -v $tool >/dev/null || skip "$tool is missing (Debian: dpkg-dev)"
done
architecture=$(dpkg --print-architecture)
libdir=usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)

# same WHAT: the file `found` has the lines of the input
same() {
    sort >"$scratch/wanted"
    sort "$scratch/found" | diff "$scratch/wanted" - || fail "$1: not what it should be (<)"
}

# ---- making them ------------------------------------------------------------

quietly() {
    "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "failed: $*"; }
}

make_packages() {
    unset CFLAGS LDFLAGS DESTDIR
    rm -rf "$scratch"
    mkdir -p "$scratch"
    scratch=$(cd "$scratch" && pwd)
    cd "$source"
    quietly cmake --preset package -B "$scratch/build"
    quietly cmake --build "$scratch/build" --parallel 2
    if cmake --build "$scratch/build" --target help | grep -x '... docs' >/dev/null; then
        quietly cmake --build "$scratch/build" --target docs
    fi
    cd "$scratch/build"
    quietly cpack
    DESTDIR=$scratch/installed quietly cmake --install .
}

# ---- what they hold ---------------------------------------------------------

# package NAME [ARCHITECTURE]: its file
package() {
    echo "$scratch/build/$1_$version-1_${2:-$architecture}.deb"
}

# files NAME [ARCHITECTURE]: those of a package, without its folder of documents
files() {
    dpkg-deb --fsys-tarfile "$(package "$@")" | tar -t | sed 's,^\./,,' |
        grep -v -e '/$' -e "^usr/share/doc/$1/" || :
}

documents() {
    dpkg-deb --fsys-tarfile "$(package "$@")" | tar -t |
        sed -n "s,^\./usr/share/doc/$1/\(.\),\1,p" | grep -v -e '/$' -e ^html/ || :
}

# headers FIND'S CONDITIONS
headers() {
    (cd "$source/include" && find pysockc -name '*.h' "$@" | sed 's,^,usr/include/,')
}

# net_headers: those that net.h includes, and itself
net_headers() {
    echo usr/include/pysockc/net.h
    sed -n 's,^#include <\(.*\)>,usr/include/\1,p' "$source/include/pysockc/net.h"
}

check_files() {
    files "$runtime" >"$scratch/found"
    same "$runtime" <<END
$libdir/libpysockc.so.$soversion
$libdir/libpysockc.so.$version
END
    files libpysockc-dev >"$scratch/found"
    same libpysockc-dev <<END
$(headers ! -name 'ssl*' | grep -vxF "$(net_headers)")
$libdir/libpysockc.a
$libdir/libpysockc.so
$libdir/pkgconfig/pysockc.pc
$libdir/cmake/pysockc/pysockcConfig.cmake
$libdir/cmake/pysockc/pysockcConfigVersion.cmake
$libdir/cmake/pysockc/pysockcTargets.cmake
$libdir/cmake/pysockc/pysockcTargets-release.cmake
END
    files "$runtime_ssl" >"$scratch/found"
    same "$runtime_ssl" <<END
$libdir/libpysockc-ssl.so.$soversion
$libdir/libpysockc-ssl.so.$version
END
    files libpysockc-ssl-dev >"$scratch/found"
    same libpysockc-ssl-dev <<END
$(headers -name 'ssl*')
$libdir/libpysockc-ssl.a
$libdir/libpysockc-ssl.so
$libdir/pkgconfig/pysockc-ssl.pc
$libdir/cmake/pysockc/pysockcSslTargets.cmake
$libdir/cmake/pysockc/pysockcSslTargets-release.cmake
END
    files "$runtime_net" >"$scratch/found"
    same "$runtime_net" <<END
$libdir/libpysockc-net.so.$soversion
$libdir/libpysockc-net.so.$version
END
    files libpysockc-net-dev >"$scratch/found"
    same libpysockc-net-dev <<END
$(net_headers)
$libdir/libpysockc-net.a
$libdir/libpysockc-net.so
$libdir/pkgconfig/pysockc-net.pc
$libdir/cmake/pysockc/pysockcNetTargets.cmake
$libdir/cmake/pysockc/pysockcNetTargets-release.cmake
END
    for name in "$runtime" libpysockc-dev "$runtime_ssl" libpysockc-ssl-dev \
        "$runtime_net" libpysockc-net-dev; do
        documents "$name" >"$scratch/found"
        printf '%s\n' changelog.Debian.gz changelog.gz copyright | same "$name, documents"
    done
    documents libpysockc-doc all >"$scratch/found"
    printf '%s\n' README.md changelog.Debian.gz changelog.gz copyright |
        same "libpysockc-doc, documents"
}

# What is in no package was installed for nobody. Debian's names of the documents
# are others, and what man reads is compressed.
check_all_is_packed() {
    {
        files "$runtime"
        files libpysockc-dev
        files "$runtime_ssl"
        files libpysockc-ssl-dev
        files "$runtime_net"
        files libpysockc-net-dev
        files libpysockc-doc all | grep -v ^usr/share/doc-base/ | sed 's/\.gz$//'
        dpkg-deb --fsys-tarfile "$(package libpysockc-doc all)" | tar -t |
            sed -n 's,^\./\(usr/share/doc/\)libpysockc-doc/\(html/.*[^/]\)$,\1pysockc/\2,p'
        printf 'usr/share/doc/pysockc/%s\n' CHANGELOG.md LICENSE README.md
    } >"$scratch/found"
    (cd "$scratch/installed" && find usr ! -type d) | same "what the packages hold of all"

    tar -tzf "$scratch/build/libpysockc-$version-linux-$(uname -m).tar.gz" |
        grep -v '/$' | sed 's,^[^/]*/,usr/,' >"$scratch/found"
    (cd "$scratch/installed" && find usr ! -type d) | same "the archive"
}

# field NAME: of the last package that was asked for
field() {
    dpkg-deb --field "$file" "$1"
}

# has FIELD VALUE
has() {
    [ "$(field "$1")" = "$2" ] || fail "$file: $1 is '$(field "$1")'"
}

control_files() {
    dpkg-deb --ctrl-tarfile "$file" | tar -t | sed -n 's,^\./\(.\),\1,p' >"$scratch/found"
    printf '%s\n' control md5sums "$@" | same "$file, control"
}

check_fields() {
    file=$(package "$runtime")
    has Version "$version-1"
    has Section libs
    has Multi-Arch same
    field Depends | grep -Eqx 'libc6 \(>= [0-9.]+\)' ||
        fail "$runtime depends on $(field Depends)"
    control_files shlibs symbols triggers
    dpkg-deb --info "$file" symbols | grep -q "^ sock_new@PYSOCKC_$soversion $version\$" ||
        fail "$runtime has other symbols"

    file=$(package libpysockc-dev)
    has Section libdevel
    has Multi-Arch same
    has Depends "$runtime (= $version-1), libc6-dev"
    control_files

    file=$(package "$runtime_ssl")
    has Section libs
    field Depends | grep -Fqw "$runtime (= $version-1)" ||
        fail "$runtime_ssl depends on $(field Depends)"
    field Depends | grep -Eqw 'libssl3' || fail "$runtime_ssl depends on $(field Depends)"
    control_files shlibs symbols triggers

    file=$(package libpysockc-ssl-dev)
    has Depends "libpysockc-dev (= $version-1), $runtime_ssl (= $version-1), libssl-dev"
    control_files

    file=$(package "$runtime_net")
    has Section libs
    field Depends | grep -Fqw "$runtime (= $version-1)" ||
        fail "$runtime_net depends on $(field Depends)"
    control_files shlibs symbols triggers

    file=$(package libpysockc-net-dev)
    has Depends "libpysockc-dev (= $version-1), $runtime_net (= $version-1)"
    control_files

    file=$(package libpysockc-doc all)
    has Section doc
    has Multi-Arch foreign
    has Depends ""
    control_files
}

# ---- a bare system ----------------------------------------------------------

# What is there: names, and whether they were changed; without what dpkg, apt and
# ldconfig keep for themselves.
trace() {
    (cd "$root" && find . -path ./proc -prune -o -path ./srv -prune -o \
        -path ./var/cache -prune -o -path ./var/lib/dpkg -prune -o \
        -path ./var/log -prune -o ! -type d -printf '%p %s %T@ %l\n' -o -print) |
        grep -v '^\./etc/ld\.so\.cache ' | sort
}

# README's program and one of its examples, by what is there
use_it() {
    build_by_cmake found
    build_by_pkg_config
    inside "cd /srv/examples
cc -o echo_udp_client echo_udp_client.c example.c \$(pkg-config --cflags --libs pysockc)"
    run_programs ./examples/echo_udp_client shared static found
}

check_in_bare() {
    make_root "$source/build/bare" package
    cp -R "$source/examples" "$root/srv"
    cp "$scratch"/build/*.deb "$scratch"/build/*.tar.gz "$root/srv"
    install pkg-config man-db
    trace >"$scratch/before"

    echo "**** Debian's packages"
    inside "dpkg --install /srv/*.deb
ldconfig -p | grep libpysockc.so.$soversion"
    use_it
    # Made where Doxygen is.
    if [ -d "$scratch/installed/usr/share/man" ]; then
        inside "man sock_new | grep -w sock_free" >/dev/null || fail "man finds no page"
    fi
    inside "dpkg --purge libpysockc-doc libpysockc-ssl-dev $runtime_ssl libpysockc-net-dev $runtime_net libpysockc-dev $runtime"
    trace | diff "$scratch/before" - || fail "the packages leave something behind"

    echo "**** The archive"
    inside "tar -C /usr/local --strip-components 1 -xzf /srv/libpysockc-*.tar.gz
ldconfig"
    use_it
    rm -rf "$root"
}

make_packages
check_files
check_all_is_packed
check_fields
[ -z "$bare_too" ] || check_in_bare
echo "$(find "$scratch/build" -maxdepth 1 -name '*.deb' | wc -l) packages and an archive of $version"
