/* SPDX-License-Identifier: MIT */
#include "chars.h"

/* What several bytes have in common. */
#define CO (SOCK__TEXT | SOCK__CONTROL)
#define BL (SOCK__TEXT | SOCK__VALUE)
#define HI (BL | SOCK__HIGH)
#define VI (BL | SOCK__TARGET | SOCK__MAIL_NAME) /* visible ones */
#define TO (VI | SOCK__TOKEN)
#define UN (TO | SOCK__UNRESERVED)
#define SC (UN | SOCK__URL_SCHEME)
#define AL (SC | SOCK__ALPHA)
#define HA (AL | SOCK__HEX)
#define DI (SC | SOCK__HEX | SOCK__DIGIT)
#define SU (TO | SOCK__SUB)
#define SE (VI | SOCK__SUB) /* separators in heads */

/* And those alone. */
#define NUL (SOCK__CONTROL | SOCK__URL_STOP)
#define TAB (BL | SOCK__CONTROL | SOCK__URL_STOP)
#define SPACE (BL | SOCK__SPACE)
#define HASH ((TO | SOCK__URL_HASH) & ~SOCK__TARGET)
#define PLUS (SU | SOCK__URL_SCHEME)
#define SLASH (VI | SOCK__URL_SLASH)
#define COLON ((VI | SOCK__URL_COLON) & ~SOCK__MAIL_NAME)
#define QUERY (VI | SOCK__URL_QUESTION)
#define AT (VI | SOCK__URL_AT)
#define BRACKET (VI | SOCK__URL_BRACKET)
#define BACKSLASH (VI & ~SOCK__TARGET)

#define HIGH16 HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI

/* clang-format off */
const uint32_t sock__chars[256] = {
    NUL, CO, CO, CO, CO, CO, CO, CO, CO, TAB, NUL, CO, CO, NUL, CO, CO,
    CO, CO, CO, CO, CO, CO, CO, CO, CO, CO, CO, CO, CO, CO, CO, CO,
    /*      !   "   #     $   %   &   '   (   )   *   +     ,   -   .   / */
    SPACE, SU, VI, HASH, SU, TO, SU, SU, SE, SE, SU, PLUS, SE, SC, SC, SLASH,
    /* 0 to 9, : ; < = > ? */
    DI, DI, DI, DI, DI, DI, DI, DI, DI, DI, COLON, SE, VI, SE, VI, QUERY,
    /* @ A to Z [ \ ] ^ _ */
    AT, HA, HA, HA, HA, HA, HA, AL, AL, AL, AL, AL, AL, AL, AL, AL,
    AL, AL, AL, AL, AL, AL, AL, AL, AL, AL, AL, BRACKET, BACKSLASH, BRACKET,
    TO, UN,
    /* ` a to z { | } ~ DEL */
    TO, HA, HA, HA, HA, HA, HA, AL, AL, AL, AL, AL, AL, AL, AL, AL,
    AL, AL, AL, AL, AL, AL, AL, AL, AL, AL, AL, VI, TO, VI, UN, CO,
    HIGH16, HIGH16, HIGH16, HIGH16, HIGH16, HIGH16, HIGH16, HIGH16,
};
/* clang-format on */
