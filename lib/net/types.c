/* SPDX-License-Identifier: MIT */
/* What is in a file, by the end of its name. The machine's own tables are not
 * asked: the same file has the same type everywhere. */
#define _POSIX_C_SOURCE 200809L

#include "types.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct pair {
    const char *extension, *type;
};

#define OPEN_XML "application/vnd.openxmlformats-officedocument."
#define OPEN_DOCUMENT "application/vnd.oasis.opendocument."

/* Sorted. What is compressed has the type of the compression, as no one is told
 * how to undo it. */
static const struct pair table[] = {
    {".7z", "application/x-7z-compressed"},
    {".aac", "audio/aac"},
    {".apng", "image/apng"},
    {".atom", "application/atom+xml"},
    {".avi", "video/x-msvideo"},
    {".avif", "image/avif"},
    {".bmp", "image/bmp"},
    {".bz2", "application/x-bzip2"},
    {".c", "text/x-csrc"},
    {".cjs", "text/javascript"},
    {".conf", "text/plain"},
    {".css", "text/css"},
    {".csv", "text/csv"},
    {".deb", "application/vnd.debian.binary-package"},
    {".doc", "application/msword"},
    {".docx", OPEN_XML "wordprocessingml.document"},
    {".eot", "application/vnd.ms-fontobject"},
    {".epub", "application/epub+zip"},
    {".flac", "audio/flac"},
    {".gif", "image/gif"},
    {".gz", "application/gzip"},
    {".h", "text/x-chdr"},
    {".heic", "image/heic"},
    {".htm", "text/html"},
    {".html", "text/html"},
    {".ico", "image/vnd.microsoft.icon"},
    {".ics", "text/calendar"},
    {".iso", "application/x-iso9660-image"},
    {".jar", "application/java-archive"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript"},
    {".json", "application/json"},
    {".jsonld", "application/ld+json"},
    {".jxl", "image/jxl"},
    {".log", "text/plain"},
    {".m3u8", "application/vnd.apple.mpegurl"},
    {".m4a", "audio/mp4"},
    {".m4v", "video/mp4"},
    {".map", "application/json"},
    {".md", "text/markdown"},
    {".mid", "audio/midi"},
    {".mjs", "text/javascript"},
    {".mkv", "video/x-matroska"},
    {".mov", "video/quicktime"},
    {".mp3", "audio/mpeg"},
    {".mp4", "video/mp4"},
    {".mpd", "application/dash+xml"},
    {".mpeg", "video/mpeg"},
    {".mpg", "video/mpeg"},
    {".odp", OPEN_DOCUMENT "presentation"},
    {".ods", OPEN_DOCUMENT "spreadsheet"},
    {".odt", OPEN_DOCUMENT "text"},
    {".oga", "audio/ogg"},
    {".ogg", "audio/ogg"},
    {".ogv", "video/ogg"},
    {".opus", "audio/ogg"},
    {".otf", "font/otf"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".ppt", "application/vnd.ms-powerpoint"},
    {".pptx", OPEN_XML "presentationml.presentation"},
    {".ps", "application/postscript"},
    {".py", "text/x-python"},
    {".rss", "application/rss+xml"},
    {".rtf", "application/rtf"},
    {".sh", "text/x-sh"},
    {".svg", "image/svg+xml"},
    {".tar", "application/x-tar"},
    {".tif", "image/tiff"},
    {".tiff", "image/tiff"},
    {".ts", "video/mp2t"},
    {".ttf", "font/ttf"},
    {".txt", "text/plain"},
    {".vcf", "text/vcard"},
    {".vtt", "text/vtt"},
    {".wasm", "application/wasm"},
    {".wav", "audio/x-wav"},
    {".weba", "audio/webm"},
    {".webm", "video/webm"},
    {".webmanifest", "application/manifest+json"},
    {".webp", "image/webp"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
    {".xhtml", "application/xhtml+xml"},
    {".xls", "application/vnd.ms-excel"},
    {".xlsx", OPEN_XML "spreadsheetml.sheet"},
    {".xml", "application/xml"},
    {".xz", "application/x-xz"},
    {".zip", "application/zip"},
    {".zst", "application/zstd"},
};

static int compare(const void *extension, const void *pair)
{
    return strcasecmp(extension, ((const struct pair *)pair)->extension);
}

/* From the last dot of the last segment on, but for those that it begins with,
 * as os.path.splitext(); "". */
static const char *extension_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *at = slash != NULL ? slash + 1 : name;
    at += strspn(at, ".");
    const char *dot = strrchr(at, '.');
    return dot != NULL ? dot : "";
}

static const char *own_type(const char *const *pairs, const char *extension)
{
    for (; pairs != NULL && pairs[0] != NULL && pairs[1] != NULL; pairs += 2)
        if (strcasecmp(pairs[0], extension) == 0)
            return pairs[1];
    return NULL;
}

const char *sock__type_of(const char *name, const char *const *pairs)
{
    const char *extension = extension_of(name);
    const char *own = own_type(pairs, extension);
    if (own != NULL)
        return own;
    const struct pair *found =
        bsearch(extension, table, sizeof table / sizeof table[0],
                sizeof table[0], compare);
    if (found != NULL)
        return found->type;
    own = own_type(pairs, "");
    return own != NULL ? own : "application/octet-stream";
}
