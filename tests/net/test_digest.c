/* SPDX-License-Identifier: MIT */
/* MD5 (RFC 1321), SHA-256 (FIPS 180-4), HMAC (RFC 2202, 4231). */
#include "digest.h"
#include "support.h"

#include <string.h>

static void is_digest(enum sock__hash hash, const void *data, size_t n,
                      const char *text)
{
    struct sock__digest d;
    char hex[SOCK__DIGEST_HEX];

    sock__digest_begin(&d, hash);
    sock__digest_add(&d, data, n);
    sock__digest_hex(&d, hex);
    check_str(hex, text);
}

struct vector {
    const char *data, *digest;
};

TEST(digest, md5)
{
    static const struct vector rows[] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"12345678901234567890123456789012345678901234567890123456789012345678"
         "901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_digest(SOCK__MD5, rows[i].data, strlen(rows[i].data),
                  rows[i].digest);
}

TEST(digest, sha256)
{
    static const struct vector rows[] = {
        {"",
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"\xbd",
         "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"},
        {"\xc9\x8c\x8e\x55",
         "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"},
        {"abc",
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijkl"
         "mnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_digest(SOCK__SHA256, rows[i].data, strlen(rows[i].data),
                  rows[i].digest);
}

TEST(digest, of_a_million)
{
    static char million[1000000];

    memset(million, 'a', sizeof million);
    is_digest(SOCK__MD5, million, sizeof million,
              "7707d6ae4e027c70eea2a935c2296f21");
    is_digest(
        SOCK__SHA256, million, sizeof million,
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Bytes that are others for each length. */
static void fill(unsigned char *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        data[i] = (unsigned char)(i * 7 + n);
}

enum { LONGEST = 200 };

/* One SHA-256 over the digests of every length: as hashlib has it. */
static void each_length(enum sock__hash hash, size_t step, const char *text)
{
    struct sock__digest all, one;
    unsigned char data[LONGEST], bytes[SOCK__DIGEST_MAX];
    char hex[SOCK__DIGEST_HEX];

    sock__digest_begin(&all, SOCK__SHA256);
    for (size_t n = 0; n <= LONGEST; n++) {
        fill(data, n);
        sock__digest_begin(&one, hash);
        for (size_t at = 0; at < n; at += step)
            sock__digest_add(&one, data + at, n - at < step ? n - at : step);
        sock__digest_add(&all, bytes, sock__digest_end(&one, bytes));
    }
    sock__digest_hex(&all, hex);
    check_str(hex, text);
}

TEST(digest, of_each_length)
{
    static const size_t steps[] = {1, 3, 63, 64, 65, 128, LONGEST};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        each_length(SOCK__MD5, steps[i],
                    "501fd2bae0fc263f4babc5716397d2c82a7d25b583b54cc0fe1471588"
                    "555b276");
        each_length(SOCK__SHA256, steps[i],
                    "e673d33f6940a6d3856d0d305fd88363ae0ba3b96e2411d8ddd5e0dd4"
                    "43f4525");
    }
}

/* The same of HMAC, by keys of every length. */
static void each_key(enum sock__hash hash, const char *text)
{
    struct sock__digest all;
    unsigned char key[LONGEST], data[LONGEST], bytes[SOCK__DIGEST_MAX];
    char hex[SOCK__DIGEST_HEX];

    sock__digest_begin(&all, SOCK__SHA256);
    for (size_t n = 0; n <= LONGEST; n++) {
        fill(key, n);
        fill(data, LONGEST - n);
        sock__digest_add(&all, bytes,
                         sock__hmac(hash, key, n, data, LONGEST - n, bytes));
    }
    sock__digest_hex(&all, hex);
    check_str(hex, text);
}

TEST(digest, hmac_of_each_key)
{
    each_key(SOCK__MD5,
             "2a3ca9acdb0cd6e7ff2e3f409efb4e7d248e2fc8aa8f29abfaf6c7534223a30"
             "e");
    each_key(SOCK__SHA256,
             "e072de78b2638db758c27309026b2a23bf5dc454269226ec91a90675e1099e9"
             "3");
}

static void is_hmac(enum sock__hash hash, const char *key, size_t n,
                    const char *data, const char *text)
{
    unsigned char bytes[SOCK__DIGEST_MAX];
    char hex[SOCK__DIGEST_HEX];
    size_t size = sock__hmac(hash, key, n, data, strlen(data), bytes);

    check_int(size, hash == SOCK__MD5 ? 16 : 32);
    sock__hex(bytes, size, hex);
    check_str(hex, text);
}

/* So many times that byte. */
static const char *many(char c, size_t n)
{
    static char text[2][160];
    static int which;
    char *at = text[which++ % 2];

    memset(at, c, n);
    at[n] = '\0';
    return at;
}

static const char counted[] = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"
                              "\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"
                              "\x17\x18\x19";
static const char large_key[] =
    "Test Using Larger Than Block-Size Key - Hash Key First";

TEST(digest, hmac_md5)
{
    is_hmac(SOCK__MD5, many('\x0b', 16), 16, "Hi There",
            "9294727a3638bb1c13f48ef8158bfc9d");
    is_hmac(SOCK__MD5, "Jefe", 4, "what do ya want for nothing?",
            "750c783e6ab0b503eaa86e310a5db738");
    is_hmac(SOCK__MD5, many('\xaa', 16), 16, many('\xdd', 50),
            "56be34521d144c88dbb8c733f0e8b3f6");
    is_hmac(SOCK__MD5, counted, 25, many('\xcd', 50),
            "697eaf0aca3a3aea3a75164746ffaa79");
    is_hmac(SOCK__MD5, many('\x0c', 16), 16, "Test With Truncation",
            "56461ef2342edc00f9bab995690efd4c");
    is_hmac(SOCK__MD5, many('\xaa', 80), 80, large_key,
            "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
    is_hmac(SOCK__MD5, many('\xaa', 80), 80,
            "Test Using Larger Than Block-Size Key and Larger Than One "
            "Block-Size Data",
            "6f630fad67cda0ee1fb1f562db3aa53e");
}

TEST(digest, hmac_sha256)
{
    is_hmac(SOCK__SHA256, many('\x0b', 20), 20, "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    is_hmac(SOCK__SHA256, "Jefe", 4, "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    is_hmac(SOCK__SHA256, many('\xaa', 20), 20, many('\xdd', 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    is_hmac(SOCK__SHA256, counted, 25, many('\xcd', 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    is_hmac(SOCK__SHA256, many('\x0c', 20), 20, "Test With Truncation",
            "a3b6167473100ee06e0c796c2955552bfa6f7c0a6a8aef8b93f860aab0cd20c5");
    is_hmac(SOCK__SHA256, many('\xaa', 131), 131, large_key,
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    is_hmac(SOCK__SHA256, many('\xaa', 131), 131,
            "This is a test using a larger than block-size key and a larger "
            "than block-size data. The key needs to be hashed before being "
            "used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(digest, nothing)
{
    unsigned char bytes[SOCK__DIGEST_MAX];
    char hex[SOCK__DIGEST_HEX];

    is_digest(SOCK__MD5, NULL, 0, "d41d8cd98f00b204e9800998ecf8427e");
    sock__hex(bytes, sock__hmac(SOCK__MD5, NULL, 0, NULL, 0, bytes), hex);
    check_str(hex, "74e6f7298a9c2d168935f58c001bad88");
    sock__hex(NULL, 0, hex);
    check_str(hex, "");
}

TEST(digest, same_bytes)
{
    check(sock__same_bytes("abc", "abc", 3));
    check(sock__same_bytes("abc", "abd", 2));
    check(sock__same_bytes("", "", 0));
    check(!sock__same_bytes("abc", "abd", 3));
    check(!sock__same_bytes("\x80", "\x00", 1));
    check(!sock__same_bytes("xbc", "abc", 3));
}
