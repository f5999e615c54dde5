/* SPDX-License-Identifier: MIT */
/* A number of two bytes, in both orders. */
#include <string.h>

#include "example.h"

static void show(const char *what, uint16_t number)
{
    unsigned char bytes[2];

    memcpy(bytes, &number, sizeof bytes);
    printf("%s 0x%02x 0x%02x\n", what, bytes[0], bytes[1]);
}

int main(int argc, char **argv)
{
    uint16_t number = 11111;

    begin(argc, argv, "", 0, "Shows 11111 in both byte orders.");

    printf("%d = 0x%x\n", number, number);
    printf("big-endian    0x%02x 0x%02x\n", number >> 8, number & 0xff);
    printf("little-endian 0x%02x 0x%02x\n", number & 0xff, number >> 8);
    show("this machine ", number);
    show("the network  ", sock_htons(number));

    printf("htons(11111) = %d\n", sock_htons(number));
    printf("ntohs(htons(11111)) = %d\n", sock_ntohs(sock_htons(number)));
    printf("htonl(11111) = %u\n", sock_htonl(number));
    printf("ntohl(htonl(11111)) = %u\n", sock_ntohl(sock_htonl(number)));
    return 0;
}
