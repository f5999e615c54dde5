#!/bin/sh
# SPDX-License-Identifier: MIT
# on_host.sh standard|empty|bare COMMAND...: runs it as on another machine.
#
#   standard  /etc/hosts is Debian's
#   empty     /etc/hosts has no line
#   bare      the host's name has no domain, and no one knows it
#
# In namespaces of its own for mounts and the host's name; without root in one
# for users, too, where the command runs as if it were root.
set -eu
if [ -z "${ON_HOST:-}" ]; then
    export ON_HOST=1
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=--map-root-user
    exec unshare --mount --uts $as_root sh "$0" "$@"
fi
unset ON_HOST
kind=$1
shift
name=machine.example
# A file system that goes with the namespace; nothing can be mounted on a file
# that is deleted.
place=$(mktemp -d)
mount -t tmpfs none "$place"
hosts=$place/hosts
: >"$hosts"
case $kind in
standard)
    cat >"$hosts" <<END
127.0.0.1	localhost
127.0.1.1	machine.example	machine

::1     localhost ip6-localhost ip6-loopback
ff02::1 ip6-allnodes
ff02::2 ip6-allrouters
END
    ;;
empty) ;;
bare)
    name=machine
    echo "127.0.0.1 localhost" >"$hosts"
    ;;
*)
    echo "on_host.sh: no such host: $kind" >&2
    exit 2
    ;;
esac
hostname $name
mount --bind "$hosts" /etc/hosts
umount "$place"
rmdir "$place"
exec "$@"
