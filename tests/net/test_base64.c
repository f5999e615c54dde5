/* SPDX-License-Identifier: MIT */
/* Base64: RFC 4648 10, and what is no text of any bytes. */
#include "base64.h"
#include "support.h"

#include <string.h>

static void is_text_of(const char *data, const char *text)
{
    char buf[SOCK__BASE64_SIZE(32) + 1];
    size_t n = strlen(data);

    check_int(sock__base64_encode(data, n, buf), strlen(text));
    check_str(buf, text);
    check_int(sock__base64_decode(text, strlen(text), buf), n);
    check_bytes(buf, data, n);
}

TEST(base64, of_the_rfc)
{
    is_text_of("", "");
    is_text_of("f", "Zg==");
    is_text_of("fo", "Zm8=");
    is_text_of("foo", "Zm9v");
    is_text_of("foob", "Zm9vYg==");
    is_text_of("fooba", "Zm9vYmE=");
    is_text_of("foobar", "Zm9vYmFy");
    is_text_of("\xff\xfe\xfd", "//79");
    is_text_of("Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(base64, of_no_bytes)
{
    static const char *const texts[] = {
        "Z",    "Zg",   "Zg=",   "Zg==Zg==", "Z===", "====", "Zh==", "Zm9=",
        "Zm=v", "Z g=", "Zg=\n", "Zm9-",     "Zm9_", "=m9v", "Zg==="};
    char buf[16];

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_that(sock__base64_decode(texts[i], strlen(texts[i]), buf) == -1,
                   "%s is taken", texts[i]);
    check_int(sock__base64_decode("Zm9\0", 4, buf), -1);
}

TEST(base64, over_itself)
{
    char buf[] = "Zm9vYmFy";
    check_int(sock__base64_decode(buf, 8, buf), 6);
    check_bytes(buf, "foobar", 6);
}
