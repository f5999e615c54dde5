#!/bin/sh
# SPDX-License-Identifier: MIT
# sh certs.sh: makes what a server for trying shows, and what its clients trust,
# in the current folder. The authority's key is thrown away: it certifies no one
# else.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/config" <<'END'
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
END

# certify EXTENSIONS SUBJECT KEY CERTIFICATE [OPTION...]
certify()
{
    extensions=$1 subject=$2 key=$3 certificate=$4
    shift 4
    openssl req -x509 "$@" -days 365 -noenc -newkey ec \
        -pkeyopt ec_paramgen_curve:P-256 -config "$work/config" \
        -extensions "$extensions" -subj "$subject" -keyout "$key" \
        -out "$certificate" 2>"$work/log" && return
    cat "$work/log" >&2
    exit 1
}

certify authority '/CN=an authority for trying' "$work/ca.key" ca.pem
certify server /CN=localhost key.pem cert.pem -CA ca.pem -CAkey "$work/ca.key"
echo 'cert.pem and key.pem: localhost, 127.0.0.1, ::1; ca.pem: who says so'
