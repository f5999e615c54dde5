/* SPDX-License-Identifier: MIT */
/* What is in a file, by the end of its name. */
#include "support.h"
#include "types.h"

#include <string.h>

/* As CPython 3.13's guess_type() without a table of the machine's own. */
TEST(types, of_names)
{
    static const char *const rows[][2] = {
        {"a.html", "text/html"},
        {"a.htm", "text/html"},
        {"a.HTML", "text/html"},
        {"a/b.c/d.css", "text/css"},
        {"x.js", "text/javascript"},
        {"x.mjs", "text/javascript"},
        {"x.json", "application/json"},
        {"x.txt", "text/plain"},
        {"x.png", "image/png"},
        {"x.jpeg", "image/jpeg"},
        {"x.svg", "image/svg+xml"},
        {"x.wasm", "application/wasm"},
        {"x.mp4", "video/mp4"},
        {"x.webm", "video/webm"},
        {"x.pdf", "application/pdf"},
        {"x.py", "text/x-python"},
        {"x.gz", "application/gzip"},
        {"x.tar.gz", "application/gzip"},
        {"x.bz2", "application/x-bzip2"},
        {"x.xz", "application/x-xz"},
        {"x.Z", "application/octet-stream"},
        {"x.tar", "application/x-tar"},
        {"x.zip", "application/zip"},
        {"x.csv", "text/csv"},
        {"x.7z", "application/x-7z-compressed"},
        {"x.zst", "application/zstd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_str(sock__type_of(rows[i][0], NULL), rows[i][1]);
}

TEST(types, of_names_that_say_nothing)
{
    static const char *const names[] = {
        "",       "README", "a.unknown", ".html",    "a/.html",
        "..html", "a.",     "a.html.",   "a.html/b", "html",
        ".",      "a b",    "a.ht",      "a.htmls"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_str(sock__type_of(names[i], NULL), "application/octet-stream");
}

TEST(types, of_the_caller)
{
    static const char *const pairs[] = {".foo", "text/foo", ".html",
                                        "text/x-own", NULL};
    static const char *const all[] = {"", "text/plain", NULL};
    static const char *const half[] = {".foo", NULL};

    check_str(sock__type_of("a.foo", pairs), "text/foo");
    check_str(sock__type_of("a.FOO", pairs), "text/foo");
    check_str(sock__type_of("a.html", pairs), "text/x-own");
    check_str(sock__type_of("a.css", pairs), "text/css");
    check_str(sock__type_of("a.bar", pairs), "application/octet-stream");
    check_str(sock__type_of("a.bar", all), "text/plain");
    check_str(sock__type_of("README", all), "text/plain");
    check_str(sock__type_of("a.css", all), "text/css");
    check_str(sock__type_of("a.foo", half), "application/octet-stream");
}

/* The table is searched: each of its rows must be found. */
TEST(types, that_are_all_found)
{
    static const char *const names[] = {
        "a.aac",  "a.avif", "a.bmp",   "a.c",     "a.conf", "a.deb", "a.docx",
        "a.epub", "a.flac", "a.gif",   "a.h",     "a.ico",  "a.ics", "a.iso",
        "a.jar",  "a.jpg",  "a.jxl",   "a.log",   "a.m3u8", "a.m4a", "a.map",
        "a.md",   "a.mid",  "a.mkv",   "a.mp3",   "a.mpd",  "a.odt", "a.ogg",
        "a.opus", "a.otf",  "a.ppt",   "a.ps",    "a.rss",  "a.rtf", "a.sh",
        "a.tif",  "a.ts",   "a.ttf",   "a.vcf",   "a.vtt",  "a.wav", "a.weba",
        "a.webp", "a.woff", "a.woff2", "a.xhtml", "a.xlsx", "a.xml"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_that(strcmp(sock__type_of(names[i], NULL),
                          "application/octet-stream") != 0,
                   "%s", names[i]);
}
