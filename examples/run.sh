#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the examples and lets clients and servers converse; the
# text for --help is below. The file "conversations" says how many conversations
# must be held: on free ports, on the programs' own, and, on either, over TLS, of
# the web, of the web with curl as the client, of mail, and with the servers of
# post_office.py.
set -u

here=$(cd "$(dirname "$0")" && pwd) || exit 1
root=$(dirname "$here")
build=$root/build/examples
work=
server=
held=0
broken=0

usage()
{
    cat <<'END'
usage: sh examples/run.sh [DIRECTORY]
       sh examples/run.sh --build DIRECTORY

Builds the library and the examples, lets clients and servers converse, and
says in its last line how many conversations were held. DIRECTORY holds the
programs if they are built already; with --build it is where to build them,
instead of in build/examples.

On a Debian machine what building needs is installed if it is missing. CC,
CFLAGS and LDFLAGS are heeded.
END
}

die()
{
    echo "run.sh: $*" >&2
    exit 1
}

clean_up()
{
    [ -z "$server" ] || kill "$server" 2>/dev/null
    [ -z "$work" ] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

stage()
{
    echo
    echo "**** $*"
}

# ---- installing -------------------------------------------------------------

compiles()
{
    echo '#include <stdio.h>' >"$work/try.c"
    # shellcheck disable=SC2086 # it may have arguments
    ${CC:-cc} -c -o "$work/try.o" "$work/try.c" 2>/dev/null
}

# What building needs, and what the conversations are fewer without.
find_what_is_missing()
{
    needed=
    useful=
    compiles || needed="$needed gcc libc6-dev"
    command -v cmake >/dev/null || needed="$needed cmake"
    command -v ninja >/dev/null || command -v make >/dev/null ||
        needed="$needed make"
    # The names of services and protocols are files of their own.
    [ -e /etc/services ] || useful="$useful netbase"
    command -v ip >/dev/null || useful="$useful iproute2"
    command -v curl >/dev/null || useful="$useful curl"
}

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi >>"$work/log" 2>&1
}

# Sets why, if they can't be installed.
install_packages()
{
    why="this machine has no apt-get"
    command -v apt-get >/dev/null || return
    why="this is neither root nor is there sudo"
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || return
    stage "Installing$needed$useful"
    why="apt-get failed"
    as_root apt-get -o Acquire::http::Timeout=20 update || return
    # shellcheck disable=SC2086 # a list of words
    as_root apt-get install -y --no-install-recommends $needed $useful || return
    why=
}

install_what_is_missing()
{
    find_what_is_missing
    [ -z "${CC-}" ] || compiles || die "CC is '$CC', which does not compile"
    [ -n "$needed$useful" ] || return 0
    : >"$work/log"
    install_packages
    [ -n "$why" ] || return 0
    grep '^[EW]: ' "$work/log" >&2
    [ -z "$needed" ] ||
        die "building needs (names of Debian's packages):$needed;" \
            "install them and try again, as $why"
    echo "Going on without$useful, as $why"
}

# ---- building ---------------------------------------------------------------

quietly()
{
    "$@" >"$work/log" 2>&1 && return
    cat "$work/log" >&2
    die "failed: $*"
}

# CMake heeds them once only.
forget_other_settings()
{
    settings="$root ${CC-} ${CFLAGS-} ${LDFLAGS-}"
    if [ "$(cat "$build/settings" 2>/dev/null)" != "$settings" ]; then
        rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles"
        echo "$settings" >"$build/settings"
    fi
}

build()
{
    install_what_is_missing
    stage "Building the library and the examples in $build"
    if ! mkdir -p "$build" 2>/dev/null || ! [ -w "$build" ]; then
        die "it can't be written; build elsewhere:" \
            "sh examples/run.sh --build DIRECTORY"
    fi
    build=$(cd "$build" && pwd) || exit 1
    forget_other_settings
    generator=
    command -v make >/dev/null || generator=-GNinja
    # shellcheck disable=SC2086 # nothing, or one word
    quietly cmake -S "$root" -B "$build" $generator \
        -DPYSOCKC_BUILD_EXAMPLES=ON -DPYSOCKC_BUILD_DOCS=OFF
    quietly cmake --build "$build" --parallel "$(nproc)"
    bin=$build/examples
}

# ---- the two sides ----------------------------------------------------------

# start PROGRAM HOST [PORT]: starts a server on a free port of HOST, or where it
# listens of its own accord, and awaits the line that says where that is.
start()
{
    program=$1
    host=$2
    if [ "$ports" = free ]; then
        set -- "$host" 0
    elif [ $# -eq 2 ]; then
        set --
    else
        set -- "$host" "$3"
    fi
    begin_server "$@"
}

# start_files ARGUMENT...: the same of the server of files.
start_files()
{
    program=file_server
    [ "$ports" = own ] || set -- "$@" 0
    begin_server -b 127.0.0.1 "$@"
}

# timeout(1) of GNU sends SIGCONT behind a signal, which takes back the SIGSTOP of
# whoever looks at a program as it ends, such as LeakSanitizer, and both wait for
# ever: not with an option that others do not have.
foreground=
! timeout --foreground 1 true 2>/dev/null || foreground=--foreground

# begin_server ARGUMENT...
begin_server()
{
    rm -f "$work/out" "$work/err"
    mkfifo "$work/out" "$work/err"
    # Open for both, so that neither side waits for the other to open.
    exec 3<>"$work/out" 4<>"$work/err"
    : >"$work/server"
    # shellcheck disable=SC2086 # it may be none
    timeout $foreground 60 "$bin/$program" "$@" >&3 2>&4 3>&- 4>&- &
    server=$!
    line=$(read_line <&4)
    port=${line##*, }
    port=${port%)}
    show_call "$program" "$@"
    echo "   $line"
}

# The command as one would type it.
show_call()
{
    printf -- '-- %s' "$1"
    shift
    for argument; do
        printf ' %s' "${argument:-''}"
    done
    echo
}

# One line, and no byte more, within ten seconds.
read_line()
{
    # shellcheck disable=SC2016 # the inner shell expands it
    timeout 10 sh -c 'IFS= read -r line && printf "%s\n" "$line"'
}

# hear N: the next N lines of the server.
hear()
{
    n=$1
    while [ "$n" -gt 0 ]; do
        read_line <&3 >>"$work/server" || break
        n=$((n - 1))
    done
}

# Ends the server as a user would; it must take that well.
stop()
{
    kill -TERM "$server"
    wait "$server"
    status=$?
    server=
    [ "$status" -eq 0 ] || complain "$program ended with $status"
    # What it said beyond what was awaited; the last line is our own.
    echo . >&3
    while IFS= read -r line <&3 && [ "$line" != . ]; do
        printf '%s\n' "$line" >>"$work/server"
    done
    sed 's/^/   /' "$work/server"
    # And so on stderr, where nothing is expected.
    echo . >&4
    while IFS= read -r line <&4 && [ "$line" != . ]; do
        complain "$program: $line"
    done
    exec 3>&- 4>&-
}

# client PROGRAM [ARGUMENT...]
client()
{
    ends_with 0 "$@"
}

# ends_with STATUS PROGRAM [ARGUMENT...]: one that has to say no, if not 0.
ends_with()
{
    wanted=$1
    shift
    called=$(show_call "$@")
    name=$1
    shift
    timeout 20 "$bin/$name" "$@" >"$work/client"
    status=$?
    [ "$status" -eq "$wanted" ] || complain "$name ended with $status"
}

# asks_curl ARGUMENT...: nothing that this machine has set for it counts.
asks_curl()
{
    called=$(show_call curl "$@")
    timeout 20 curl -q -sS "$@" >"$work/client" || complain "curl ended with $?"
}

# ask PROGRAM HOST: a client of the server that was started.
ask()
{
    if [ "$ports" = own ]; then
        client "$1"
    else
        client "$1" "$2" "$port"
    fi
}

show_client()
{
    printf '%s\n' "$called"
    sed 's/^/   /' "$work/client"
    [ -z "$(tail -c 1 "$work/client")" ] || echo
}

# ---- what was said ----------------------------------------------------------

complain()
{
    echo "   BROKEN: $1"
    good=no
}

begin()
{
    echo
    echo "== $1"
    good=yes
}

end()
{
    if [ "$good" = yes ]; then
        held=$((held + 1))
    else
        broken=$((broken + 1))
    fi
}

# said SIDE TEXT: compares the transcript of a side; ports and times are left out.
said()
{
    sed "s/', [0-9][0-9]*)/', PORT)/
        s,\[[0-9]*/[A-Z][a-z]*/[0-9: ]*\],[TIME]," "$work/$1" >"$work/heard"
    printf '%s\n' "$2" >"$work/expected"
    # A prompt at the end has no newline.
    [ -z "$(tail -c 1 "$work/heard")" ] || echo >>"$work/heard"
    cmp -s "$work/heard" "$work/expected" && return
    complain "the $1 should have said:"
    sed 's/^/   /' "$work/expected"
}

# said_like SIDE EXPRESSION: the same for a line that is not known in advance.
said_like()
{
    grep -Eqx "$2" "$work/$1" || complain "the $1 should have said like: $2"
}

# ---- the conversations ------------------------------------------------------

file_descriptors()
{
    begin "file descriptors"
    client fd 2>"$work/client.err" </dev/null
    show_client
    sed 's/^/   on stderr: /' "$work/client.err"
    said client 'write to stdout
0 1 2'
    said client.err 'write to stderr'
    end
}

byte_order()
{
    begin "byte order"
    client byte_order
    show_client
    said_like client '11111 = 0x2b67'
    said_like client 'big-endian    0x2b 0x67'
    said_like client 'little-endian 0x67 0x2b'
    said_like client 'the network   0x2b 0x67'
    said_like client 'ntohs\(htons\(11111\)\) = 11111'
    said_like client 'ntohl\(htonl\(11111\)\) = 11111'
    end
}

# look_up EXPRESSION ARGUMENT...
look_up()
{
    expected=$1
    shift
    client names "$@"
    show_client
    said_like client "$expected"
}

names()
{
    begin "look-ups"
    look_up "b'.x7f.x00.x00.x01'" inet_aton 127.0.0.1
    look_up "'127.0.0.1'" inet_ntoa 7f000001
    look_up "'127.0.0.1'" gethostbyname localhost
    look_up "\('localhost.*', \[.*\], \['127.*\]\)" gethostbyname_ex localhost
    if [ -e /etc/services ] && [ -e /etc/protocols ]; then
        look_up 80 getservbyname http tcp
        look_up 1 getprotobyname icmp
    else
        echo "   no look-up of http and icmp: this machine lists neither"
    fi
    end
}

echo_udp()
{
    begin "echo over UDP"
    start echo_udp_server 127.0.0.1
    ask echo_udp_client 127.0.0.1
    hear 2
    stop
    show_client
    said server "client ('127.0.0.1', PORT) mengirim Isi pesan
balasan dikirim"
    said client "server ('127.0.0.1', PORT) membalas: Isi pesan"
    end
}

echo_udp_connected()
{
    begin "echo over UDP, connected"
    start echo_udp_server 127.0.0.1
    ask echo_udp_client_connected 127.0.0.1
    hear 2
    stop
    show_client
    said server "client ('127.0.0.1', PORT) mengirim Isi pesan
balasan dikirim"
    said client "server membalas: Isi pesan"
    end
}

# echo_by TITLE SERVER
echo_by()
{
    begin "$1"
    start "$2" 127.0.0.1
    ask echo_tcp_client 127.0.0.1
    hear 2
    stop
    show_client
    said server "koneksi dari ('127.0.0.1', PORT)
balasan dikirim"
    said client "socket local ('127.0.0.1', PORT)
balasan server: Isi pesan."
    end
}

echo_select()
{
    begin "echo by select"
    start echo_select 127.0.0.1
    ask echo_tcp_client 127.0.0.1
    hear 2
    stop
    show_client
    said server "koneksi dari ('127.0.0.1', PORT)
koneksi selesai, tinggal 0"
    said client "socket local ('127.0.0.1', PORT)
balasan server: Isi pesan."
    end
}

echo_tcp()
{
    echo_by "echo over TCP" echo_tcp_server
    echo_by "echo over TCP, a thread for each client" echo_server_threading
    echo_by "echo over TCP, a process for each client" echo_server_forking
}

caesar()
{
    begin "Caesar cipher"
    start caesar_server 127.0.0.1
    ask caesar_client 127.0.0.1
    hear 2
    stop
    show_client
    said server "koneksi dari ('127.0.0.1', PORT)
koneksi dari ('127.0.0.1', PORT)"
    said client "balasan server: scs zockx.
balasan server: isi pesan."
    end
}

message_udp()
{
    begin "messages over UDP"
    start message_udp_server ''
    printf 'Halo\nApa kabar?\n\n' >"$work/typed"
    ask message_udp_client '' <"$work/typed"
    hear 2
    stop
    show_client
    said server "Adress 127.0.0.1 said Halo
Adress 127.0.0.1 said Apa kabar?"
    said client "msg to send: 4 sent
msg to send: 10 sent
msg to send: "
    end
}

time_of_day()
{
    begin "time over TCP"
    start time_server ''
    ask time_client ''
    hear 1
    stop
    show_client
    said server "Connection from ('127.0.0.1', PORT)"
    said_like client \
        'Time is [A-Z][a-z]{2} [A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8} [0-9]{4}'
    end
}

time_by_udp()
{
    begin "time over UDP"
    start time_server_udp 127.0.0.1
    ask echo_udp_client 127.0.0.1
    hear 1
    stop
    show_client
    said server "Datagram from ('127.0.0.1', PORT)"
    said_like client \
        "server .* membalas: [A-Z][a-z]{2} [A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8} [0-9]{4}"
    end
}

# Two connections of one shell: what the first says the second hears.
two_who_chat()
{
    called="-- bash: two connections to port $port"
    timeout 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port \
        4<>/dev/tcp/127.0.0.1/$port
        read -r line <&3; read -r other <&4; echo \"\$line\"
        echo Halo >&3; read -r line <&4; echo \"\$line\"" >"$work/client" ||
        complain "the two ended with $?"
}

chat()
{
    begin "chat"
    start chat_server 127.0.0.1
    if command -v bash >/dev/null; then
        two_who_chat
        hear 2
        stop
        show_client
        said server "('127.0.0.1', PORT) joined
('127.0.0.1', PORT) joined"
        said client 'welcome
Halo'
    else
        echo "   no one to chat: this machine has no bash"
        stop
    fi
    end
}

port_scan()
{
    begin "port scanner"
    start echo_tcp_server 127.0.0.1 80
    if [ "$ports" = own ]; then
        echo 127.0.0.1 >"$work/typed"
        client port_scanner <"$work/typed"
    else
        last=$((port < 65530 ? port + 5 : 65535))
        client port_scanner 127.0.0.1 $((port - 5)) $last
    fi
    hear 2
    stop
    show_client
    said server "koneksi dari ('127.0.0.1', PORT)
balasan dikirim"
    said_like client "(target: )?port $port: OPEN"
    end
}

fast_port_scan()
{
    begin "fast port scanner"
    start echo_tcp_server 127.0.0.1 80
    if [ "$ports" = own ]; then
        echo 127.0.0.1 >"$work/typed"
        client fast_scanner <"$work/typed"
    else
        last=$((port < 65530 ? port + 5 : 65535))
        client fast_scanner 127.0.0.1 $((port - 5)) $last
    fi
    hear 2
    stop
    show_client
    said server "koneksi dari ('127.0.0.1', PORT)
balasan dikirim"
    said_like client "(target: )?port $port: OPEN(, .*)?"
    said_like client "[0-9]+ ports: [0-9]+ open, [0-9]+ closed, 0 silent"
    end
}

# Of the conversations over TLS: what they lack, if anything.
find_what_tls_lacks()
{
    no_tls="the library for it was not built, which needs OpenSSL 3 and its headers"
    [ -x "$bin/echo_tls_server" ] || return
    no_tls="openssl is not installed"
    command -v openssl >/dev/null || return
    no_tls=
    sh "$here/certs.sh" >/dev/null || die "no certificates could be made"
}

echo_tls()
{
    begin "echo over TLS"
    start echo_tls_server 127.0.0.1
    ask echo_tls_client localhost
    hear 2
    stop
    show_client
    said server "koneksi dari ('127.0.0.1', PORT)
balasan dikirim, TLSv1.3"
    said client "TLSv1.3
balasan server: Isi pesan."
    end
}

echo_tls_to_openssl()
{
    begin "echo over TLS, for OpenSSL's client"
    start echo_tls_server 127.0.0.1
    called="-- openssl s_client -connect localhost:$port -CAfile ca.pem ..."
    printf 'Isi pesan.' | timeout 20 openssl s_client -quiet -CAfile ca.pem \
        -connect "localhost:$port" -verify_hostname localhost \
        -verify_return_error >client 2>log ||
        complain "openssl ended with $?"
    hear 2
    stop
    show_client
    said server "koneksi dari ('127.0.0.1', PORT)
balasan dikirim, TLSv1.3"
    said client "Isi pesan."
    end
}

# OpenSSL's server, for one page.
start_openssl()
{
    rm -f out
    mkfifo out
    exec 3<>out
    where=127.0.0.1:0
    [ "$ports" = free ] || where=127.0.0.1:443
    timeout 60 openssl s_server -www -naccept 1 -accept "$where" \
        -cert cert.pem -key key.pem -no_dhe >&3 2>log 3>&- </dev/null &
    server=$!
    line=$(read_line <&3)
    echo "-- openssl s_server -www -accept $where -cert cert.pem -key key.pem ..."
    echo "   $line"
    port=${line##*:}
}

https()
{
    begin "the head of a page over TLS, from OpenSSL's server"
    start_openssl
    if [ "$ports" = own ]; then
        # Whom the system trusts, for once.
        SSL_CERT_FILE=ca.pem client https_get
    else
        client https_get localhost "$port" ca.pem
    fi
    wait "$server" || complain "openssl ended with $?"
    server=
    exec 3>&-
    show_client
    said client "HTTP/1.0 200 ok
Content-type: text/html"
    end
}

# Of the conversations of the web: what they lack, if anything. No proxy that this
# machine has set comes between.
find_what_the_web_lacks()
{
    no_proxy='*'
    export no_proxy
    no_curl=
    no_web="the library for it was not built"
    [ -x "$bin/file_server" ] || return
    no_web=
    command -v curl >/dev/null || no_curl="curl is not installed"
}

# A site: two files, what robots may do there, and a script.
make_site()
{
    mkdir -p www/cgi-bin
    echo 'Isi pesan.' >www/pesan.txt
    echo '<b>Halo</b>' >'www/<b>.html'
    printf 'User-agent: *\nDisallow: /cgi-bin/\nCrawl-delay: 2\n' >www/robots.txt
    cp "$bin/form.cgi" www/cgi-bin
}

url_headers()
{
    begin "the header fields of a page"
    start echo_http_server 127.0.0.1 80
    if [ "$ports" = own ]; then
        client url_headers
    else
        client url_headers "http://127.0.0.1:$port/"
    fi
    hear 1
    stop
    show_client
    said_like server '127.0.0.1 - - \[.*\] "GET / HTTP/1.1" 200 -'
    said_like client 'Content-type: text/html; charset=utf-8'
    said_like client 'Server: pysockc/.*'
    said_like client 'Date: [A-Z][a-z]{2}, [0-9]{2} .* [0-9]{4} [0-9:]{8} GMT'
    said_like client 'Content-Length: [0-9]+'
    end
}

fetch()
{
    begin "a page into a file"
    start_files -d www
    client fetch "http://127.0.0.1:$port/pesan.txt" pesan.txt
    hear 1
    stop
    show_client
    echo '-- cat pesan.txt'
    sed 's/^/   /' pesan.txt
    cmp -s pesan.txt www/pesan.txt || complain "the file should be the server's"
    said server '127.0.0.1 - - [TIME] "GET /pesan.txt HTTP/1.1" 200 -'
    end
}

robots_check()
{
    begin "what a robot may fetch"
    start_files -d www
    client robots_check "http://127.0.0.1:$port/pesan.txt" Bot
    show_client
    said client 'Bot: yes
wait 2 s between two pages'
    ends_with 1 robots_check "http://127.0.0.1:$port/cgi-bin/form.cgi" Bot
    show_client
    said client 'Bot: no
wait 2 s between two pages'
    hear 2
    stop
    said server '127.0.0.1 - - [TIME] "GET /robots.txt HTTP/1.1" 200 -
127.0.0.1 - - [TIME] "GET /robots.txt HTTP/1.1" 200 -'
    end
}

# lists TEXT: what the page of form.cgi has of what was sent.
lists()
{
    sed -n 's/^<li>//p' "$1" >"$work/client"
    echo "   of which are items:"
    sed 's/^/   /' "$work/client"
    said client "$2"
}

form()
{
    begin "a form in a query, for a CGI script"
    start_files -d www --cgi
    query='name=%3Cb%3EAli%3C/b%3E&city=Banda+Aceh'
    client fetch "http://127.0.0.1:$port/cgi-bin/form.cgi?$query" form.html
    show_client
    lists form.html 'name: &lt;b&gt;Ali&lt;/b&gt;
city: Banda Aceh'
    hear 1
    stop
    said server "127.0.0.1 - - [TIME] \"GET /cgi-bin/form.cgi?$query HTTP/1.1\" 200 -"
    end
}

of_the_web()
{
    make_site
    url_headers
    fetch
    robots_check
    form
}

echo_http()
{
    begin "a page that says what was asked, for curl"
    start echo_http_server 127.0.0.1
    asks_curl -H 'X-Script: <script>alert(1)</script>' \
        "http://127.0.0.1:$port/a?<script>"
    show_client
    said_like client '.*: <code>/a[?]&lt;script&gt;</code></p>'
    said_like client 'X-Script: &lt;script&gt;alert\(1\)&lt;/script&gt;'
    ! grep -q '<script' "$work/client" || complain "that is a script"
    asks_curl -o head.html -D - -X POST "http://127.0.0.1:$port/"
    show_client
    said_like client 'HTTP/1.1 405 Method Not Allowed.'
    hear 3
    stop
    said server '127.0.0.1 - - [TIME] "GET /a?<script> HTTP/1.1" 200 -
127.0.0.1 - - [TIME] code 405, message Method Not Allowed
127.0.0.1 - - [TIME] "POST / HTTP/1.1" 405 -'
    end
}

# answers STATUS ARGUMENT...: what curl hears, of which the number counts.
answers()
{
    number=$1
    shift
    asks_curl -o page.html -w '%{http_code}\n' "$@"
    show_client
    said client "$number"
}

files()
{
    begin "the files of a folder, for curl"
    start_files -d www
    url=http://127.0.0.1:$port
    answers 200 "$url/"
    echo "   where these lead on:"
    grep -o '<a .*</a>' page.html >"$work/client"
    sed 's/^/   /' "$work/client"
    said client '<a href="%3Cb%3E.html"><bdi>&lt;b&gt;.html</bdi></a>
<a href="cgi-bin/"><bdi>cgi-bin</bdi>/</a>
<a href="pesan.txt"><bdi>pesan.txt</bdi></a>
<a href="robots.txt"><bdi>robots.txt</bdi></a>'
    asks_curl "$url/pesan.txt"
    show_client
    said client 'Isi pesan.'
    asks_curl -r 4-8 "$url/pesan.txt"
    show_client
    said client 'pesan'
    answers 200 "$url/%3Cb%3E.html"
    answers 404 "$url/none"
    answers 400 --path-as-is "$url/../run.sh"
    hear 8
    stop
    said_like server '127.0.0.1 - - \[.*\] "GET /pesan.txt HTTP/1.1" 206 -'
    said_like server '127.0.0.1 - - \[.*\] "GET /none HTTP/1.1" 404 -'
    end
}

password()
{
    begin "files for those who have a password, for curl"
    start_files -d www --user ada:countess
    url=http://127.0.0.1:$port/pesan.txt
    answers 401 "$url"
    answers 401 -u ada:wrong "$url"
    asks_curl -u ada:countess "$url"
    show_client
    said client 'Isi pesan.'
    hear 5
    stop
    said server '127.0.0.1 - - [TIME] code 401, message Unauthorized
127.0.0.1 - - [TIME] "GET /pesan.txt HTTP/1.1" 401 -
127.0.0.1 - - [TIME] code 401, message Unauthorized
127.0.0.1 - - [TIME] "GET /pesan.txt HTTP/1.1" 401 -
127.0.0.1 - - [TIME] "GET /pesan.txt HTTP/1.1" 200 -'
    end
}

form_sent()
{
    begin "forms for a CGI script, sent by curl"
    start_files -d www --cgi
    url=http://127.0.0.1:$port/cgi-bin/form.cgi
    asks_curl -d 'name=<b>Ali</b>' --data-urlencode 'city=Banda Aceh' \
        -o form.html "$url"
    show_client
    lists form.html 'name: &lt;b&gt;Ali&lt;/b&gt;
city: Banda Aceh'
    asks_curl -F 'name=Ali' -F 'file=@www/pesan.txt' -o form.html "$url"
    show_client
    lists form.html 'name: Ali
file: pesan.txt, 11 bytes'
    hear 2
    stop
    said server '127.0.0.1 - - [TIME] "POST /cgi-bin/form.cgi HTTP/1.1" 200 -
127.0.0.1 - - [TIME] "POST /cgi-bin/form.cgi HTTP/1.1" 200 -'
    end
}

login()
{
    begin "a site behind a password, for curl"
    start login_site 127.0.0.1
    url=http://127.0.0.1:$port/diary
    for wrong in ada:wrong eve:countess; do
        answers 401 -u "$wrong" "$url"
        grep -q '401' page.html || complain "that is no error page"
        ! grep -q Welcome page.html || complain "that is the site"
    done
    asks_curl -u ada:countess "$url"
    show_client
    said_like client '<h1>Welcome, ada</h1>'
    said_like client '.*<code>/diary</code>.*'
    hear 5
    stop
    said_like server '127.0.0.1 - - \[.*\] "GET /diary HTTP/1.1" 200 -'
    end
}

# Of the conversations of mail and news: what they lack, if anything.
find_what_office_lacks()
{
    no_office="the libraries for it were not built"
    [ -x "$bin/pop3_list" ] || return
    no_office="python3 is not installed"
    command -v python3 >/dev/null || return
    no_office=
}

# start_office PROTOCOL: a server of mail or news to try the programs on.
start_office()
{
    program=post_office.py
    [ "$ports" = own ] || set -- "$1" 0
    begin_server "$@"
}

pop3_list()
{
    begin "the mails of a mailbox"
    start_office pop3
    client pop3_list ali 127.0.0.1 "$port" <<'END'
secret
END
    show_client
    stop
    said client 'password: 
1: 52 bytes, Halo
2: 60 bytes, Isi pesan'
    end
}

imap_list()
{
    begin "the mailboxes of an account"
    start_office imap
    client imap_list ali 127.0.0.1 "$port" <<'END'
secret
END
    show_client
    stop
    said client 'password: 
INBOX: 2
Surat terkirim: 0
1: Halo
2: Isi pesan'
    end
}

nntp_headers()
{
    begin "the newest articles of a group"
    start_office nntp
    client nntp_headers misc.test 127.0.0.1 "$port"
    show_client
    stop
    said client 'misc.test: about 2 articles
1: Halo
2: Isi pesan'
    end
}

# start_depot: a server of FTP to try the programs on, and a folder for it.
start_depot()
{
    program=depot.py
    if [ "$ports" = own ]; then begin_server; else begin_server 0; fi
}

ftp_get()
{
    begin "a file by FTP"
    start_depot
    client ftp_get /berkas.txt 127.0.0.1 "$port"
    show_client
    cmp -s berkas.txt depot/berkas.txt || complain "the file should be the server's"
    ends_with 1 ftp_get none.txt 127.0.0.1 "$port" 2>/dev/null
    stop
    end
}

ftp_put()
{
    begin "a file for a server of FTP"
    start_depot
    echo 'Berkas baru.' >baru.txt
    client ftp_put baru.txt ali 127.0.0.1 "$port" <<'END'
secret
END
    show_client
    cmp -s baru.txt depot/baru.txt || complain "the file should be the server's, too"
    stop
    said client 'password: '
    end
}

of_office()
{
    pop3_list
    imap_list
    nntp_headers
    ftp_get
    ftp_put
}

with_curl()
{
    echo_http
    files
    password
    form_sent
    login
}

# Of mail, whose other side is a program of Postfix's.
find_what_mail_lacks()
{
    no_mail=
    sink=$(PATH=$PATH:/usr/sbin command -v smtp-sink) ||
        no_mail="smtp-sink is not installed"
}

# smtp-sink, on a path; it keeps what it hears. Root has to say that it means it.
start_sink()
{
    user=
    [ "$(id -u)" -ne 0 ] || user="-u root"
    rm -f sink mails
    # shellcheck disable=SC2086 # it may be none
    timeout $foreground 60 "$sink" $user -D mails "unix:$work/sink" 10 2>log &
    server=$!
    echo "-- smtp-sink -D mails unix:$work/sink 10"
    tries=0
    until [ -S sink ] || [ $tries -eq 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}

send_mail()
{
    begin "a mail to two, for smtp-sink"
    start_sink
    printf 'At noon?\n.\nQUIT\n' >lunch
    client send_mail "$work/sink" 0 'Ada <ada@example.org>' Lunch \
        bob@example.org eve@example.org <lunch
    show_client
    said client 'sent to 2 of 2'
    kill "$server"
    wait "$server" 2>/dev/null
    server=
    cp mails server
    sed 's/^/   /' server
    said_like server 'X-Mail-Args: <ada@example.org>.*'
    said_like server 'X-Rcpt-Args: <bob@example.org>'
    said_like server 'X-Rcpt-Args: <eve@example.org>'
    said_like server 'From: Ada <ada@example.org>'
    said_like server 'Subject: Lunch'
    said_like server 'Message-ID: <[0-9a-f]{32}@example.org>'
    sed '1,/^$/d' mails >server
    said server 'At noon?
.
QUIT
'
    end
}

of_mail()
{
    send_mail
}

over_tls()
{
    echo_tls
    echo_tls_to_openssl
    https
}

programs_alone()
{
    file_descriptors
    byte_order
    names
}

clients_and_servers()
{
    echo_udp
    echo_udp_connected
    echo_tcp
    echo_select
    caesar
    message_udp
    time_of_day
    time_by_udp
    chat
    port_scan
    fast_port_scan
    find_what_tls_lacks
    [ -n "$no_tls" ] || over_tls
    find_what_the_web_lacks
    [ -n "$no_web" ] || of_the_web
    [ -n "$no_web$no_curl" ] || with_curl
    find_what_mail_lacks
    [ -n "$no_web$no_mail" ] || of_mail
    find_what_office_lacks
    [ -n "$no_web$no_office" ] || of_office
}

# ---- everything -------------------------------------------------------------

# Begun by this very script, inside the network of its own.
own_ports()
{
    bin=$1
    ports=own
    ip link set lo up || exit 1
    clients_and_servers
    echo "$held $broken" >"$2"
    exit 0
}

expected()
{
    sed -n "s/^$1 //p" "$here/conversations"
}

# A network of its own has the programs' own ports free. Root may make one, and
# so may others where the system lets them.
own_network()
{
    why="ip is not installed"
    command -v ip >/dev/null || return
    why="this machine allows no network namespace"
    if unshare -n true 2>/dev/null; then
        flags=-n
    elif unshare -rn true 2>/dev/null; then
        flags=-rn
    else
        return
    fi
    why=
    stage "Conversing in a network of its own, on the programs' own ports"
    unshare "$flags" sh "$here/run.sh" --own-ports "$bin" "$work/own"
    read -r more_held more_broken <"$work/own" || more_broken=1
    held=$((held + ${more_held:-0}))
    broken=$((broken + more_broken))
}

# sum_up_part NAME WORDS WHY: of both networks; WHY they were not held, if so.
sum_up_part()
{
    number=$(($(expected "$1") * times))
    if [ -n "$3" ]; then
        skipped="$skipped; skipped: $number $2, as $3"
    else
        wanted=$((wanted + number))
    fi
}

sum_up()
{
    times=1
    wanted=$(expected free)
    skipped=
    if [ -n "$why" ]; then
        skipped="; skipped: $(expected own) on the programs' own ports, as $why"
    else
        times=2
        wanted=$((wanted + $(expected own)))
    fi
    sum_up_part tls "over TLS" "$no_tls"
    sum_up_part web "of the web" "$no_web"
    sum_up_part curl "with curl" "${no_web:-$no_curl}"
    sum_up_part mail "of mail" "${no_web:-$no_mail}"
    sum_up_part office "with a post office" "${no_web:-$no_office}"
    echo
    echo "$held of $wanted conversations held$skipped"
    [ "$broken" -eq 0 ] && [ "$held" -eq "$wanted" ]
}

bin=
case ${1-} in
--help)
    usage
    exit 0
    ;;
--build)
    [ $# -eq 2 ] || die "--build DIRECTORY"
    build=$2
    ;;
--own-ports | '')
    ;;
-*)
    usage >&2
    exit 2
    ;;
*)
    bin=$(cd "$1" && pwd) || exit 1
    [ -x "$bin/fd" ] || die "$bin does not hold the programs"
    ;;
esac
work=$(mktemp -d) || exit 1
[ "${1-}" = --own-ports ] || [ -n "$bin" ] || build
cd "$work" || exit 1
[ "${1-}" != --own-ports ] || own_ports "$2" "$3"
ports=free
stage "Conversing on free ports"
programs_alone
clients_and_servers
own_network
sum_up
