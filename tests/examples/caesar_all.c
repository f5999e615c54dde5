/* SPDX-License-Identifier: MIT */
/* Everything that caesar.c can be asked for, to be compared with Python. */
#include <stdio.h>
#include <string.h>

#include "caesar.h"

static void all_ints(void)
{
    printf("%d\n", to_int("", 0));
    for (int i = 0; i < 256; i++)
        printf("%d\n", to_int((char[]){(char)i}, 1));
    for (int i = 0; i < 256; i++)
        for (int j = 0; j < 256; j++)
            printf("%d\n", to_int((char[]){(char)i, (char)j}, 2));
}

static void all_ciphers(void)
{
    char text[256];

    for (int shift = -99; shift <= 99; shift++) {
        for (int i = 0; i < 256; i++)
            text[i] = (char)i;
        cipher(text, sizeof text, shift);
        fwrite(text, 1, sizeof text, stdout);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "int") == 0)
        all_ints();
    else
        all_ciphers();
    return 0;
}
