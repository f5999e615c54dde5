/* SPDX-License-Identifier: MIT */
/* Addresses of the further families: their bytes, as the kernel's headers lay
 * them out, their parts and texts; and real sockets where the kernel has them.
 */
#include "support.h"

#include <linux/can.h>
#include <linux/if_alg.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/qrtr.h>
#include <linux/rtnetlink.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "address.h"
#include "object.h"
#include "os.h"

#define BTPROTO_L2CAP 0
#define BTPROTO_HCI 1
#define BTPROTO_SCO 2
#define BTPROTO_RFCOMM 3

/* An address of so many bytes, the first of which are these. */
static void check_addr(sock_addr_t a, size_t len, const void *bytes,
                       size_t size, const char *text)
{
    check(sock_addr_ok(&a));
    check_int(a.len, len);
    check_bytes(&a.u, bytes, size);
    check_str(repr(&a), text);
}

static void check_refused(sock_addr_t a, int kind, int code, const char *text)
{
    check_int(a.len, 0);
    check_fails(sock_addr_ok(&a) ? 0 : -1, kind, code, text);
}

/* Bytes */

TEST(family, netlink)
{
    struct sockaddr_nl expected = {
        .nl_family = AF_NETLINK, .nl_pid = 0xfffffffe, .nl_groups = 0x80000001};
    sock_addr_t a = sock_addr_netlink(0xfffffffe, 0x80000001);
    sock_netlink_t p;

    check_addr(a, 12, &expected, sizeof expected, "(4294967294, 2147483649)");
    check_ok(sock_addr_get_netlink(&a, &p));
    check_int(p.pid, 0xfffffffe);
    check_int(p.groups, 0x80000001);
    check_int(sock_addr_family(&a), AF_NETLINK);
}

TEST(family, packet)
{
    struct sockaddr_ll expected = {.sll_family = AF_PACKET,
                                   .sll_protocol = htons(ETH_P_ARP),
                                   .sll_ifindex = (int)if_nametoindex("lo"),
                                   .sll_hatype = 772,
                                   .sll_pkttype = PACKET_BROADCAST,
                                   .sll_halen = 6,
                                   .sll_addr = {1, 2, 3, 4, 5, 0xff}};
    sock_addr_t a = sock_addr_packet("lo", ETH_P_ARP, PACKET_BROADCAST, 772,
                                     "\1\2\3\4\5\xff", 6);
    sock_packet_t p;

    check_addr(a, 20, &expected, sizeof expected,
               "('lo', 2054, 1, 772, b'\\x01\\x02\\x03\\x04\\x05\\xff')");
    check_ok(sock_addr_get_packet(&a, &p));
    check_str(p.ifname, "lo");
    check_int(p.proto, ETH_P_ARP);
    check_int(p.pkttype, PACKET_BROADCAST);
    check_int(p.hatype, 772);
    check_int(p.addr_size, 6);
    check_bytes(p.addr, "\1\2\3\4\5\xff", 6);

    a = sock_addr_packet("lo", 0, 0, 0, NULL, 0);
    check_str(repr(&a), "('lo', 0, 0, 0, b'')");
}

TEST(family, packet_refuses)
{
    check_refused(sock_addr_packet("no-such-if", 0, 0, 0, NULL, 0), SOCK_E_OS,
                  ENODEV, "address no-such-if: [Errno 19] No such device");
    check_refused(sock_addr_packet("", 0, 0, 0, NULL, 0), SOCK_E_OS, ENODEV,
                  "address: [Errno 19] No such device");
    check_refused(sock_addr_packet("a-name-that-is-too-long", 0, 0, 0, NULL, 0),
                  SOCK_E_OS, ENODEV,
                  "address a-name-that-is-too-long: [Errno 19] No such device");
    check_refused(sock_addr_packet("lo", -1, 0, 0, NULL, 0), SOCK_E_OVERFLOW, 0,
                  "address: proto must be 0-65535.");
    check_refused(sock_addr_packet("lo", 65536, 0, 0, NULL, 0), SOCK_E_OVERFLOW,
                  0, "address: proto must be 0-65535.");
    check_refused(sock_addr_packet("lo", 0, 0, 0, "123456789", 9), SOCK_E_VALUE,
                  0, "address: Hardware address must be 8 bytes or less");
    check_refused(sock_addr_packet(NULL, 0, 0, 0, NULL, 0), SOCK_E_TYPE, 0,
                  "address: argument is NULL");
    check_refused(sock_addr_packet("lo", 0, 0, 0, NULL, 1), SOCK_E_TYPE, 0,
                  "address: argument is NULL");
}

/* As InfiniBand's, of which the kernel gives a length of 20. */
TEST(family, packet_with_a_hardware_address_that_is_longer)
{
    struct sockaddr_ll ll = {
        .sll_family = AF_PACKET, .sll_halen = 20, .sll_addr = {1, 2}};
    sock_addr_t a = sock_addr_from((struct sockaddr *)&ll, sizeof ll);
    sock_packet_t p;

    check_ok(sock_addr_get_packet(&a, &p));
    check_int(p.addr_size, 8);
    check_str(p.ifname, "");
    check_str(repr(&a), "('', 0, 0, 0, b'\\x01\\x02\\x00\\x00\\x00\\x00\\x00"
                        "\\x00')");
}

TEST(family, vsock)
{
    struct sockaddr_vm expected = {
        .svm_family = AF_VSOCK, .svm_port = 1234, .svm_cid = VMADDR_CID_ANY};
    sock_addr_t a = sock_addr_vsock(VMADDR_CID_ANY, 1234);
    sock_vsock_t p;

    check_addr(a, 16, &expected, sizeof expected, "(4294967295, 1234)");
    check_ok(sock_addr_get_vsock(&a, &p));
    check_int(p.cid, VMADDR_CID_ANY);
    check_int(p.port, 1234);
}

TEST(family, can)
{
    static struct sockaddr_can expected = {.can_family = AF_CAN};
    expected.can_ifindex = (int)if_nametoindex("lo");
    sock_addr_t a = sock_addr_can("lo");
    sock_can_t p;

    check_addr(a, 24, &expected, sizeof expected, "('lo',)");
    check_ok(sock_addr_get_can(&a, &p));
    check_str(p.ifname, "lo");
    check_int(p.protocol, CAN_RAW);

    a = sock_addr_can(""); /* all of them */
    expected.can_ifindex = 0;
    check_addr(a, 24, &expected, sizeof expected, "('',)");
}

TEST(family, can_isotp)
{
    static struct sockaddr_can expected = {.can_family = AF_CAN,
                                           .can_addr.tp = {0x123, 0x80000456}};
    sock_addr_t a = sock_addr_can_isotp("", 0x123, 0x80000456);
    sock_can_t p;

    check_addr(a, 24, &expected, sizeof expected, "('', 291, 2147484758)");
    check_ok(sock_addr_get_can(&a, &p));
    check_int(p.protocol, CAN_ISOTP);
    check_int(p.rx_addr, 0x123);
    check_int(p.tx_addr, 0x80000456);
    check_int(p.pgn, 0);
}

TEST(family, can_j1939)
{
    static struct sockaddr_can expected = {
        .can_family = AF_CAN,
        .can_addr.j1939 = {0xfedcba9876543210, 0x3ffff, 0xfe}};
    sock_addr_t a = sock_addr_can_j1939("", 0xfedcba9876543210, 0x3ffff, 0xfe);
    sock_can_t p;

    check_addr(a, 24, &expected, 8 + 13,
               "('', 18364758544493064720, 262143, "
               "254)");
    check_ok(sock_addr_get_can(&a, &p));
    check_int(p.protocol, CAN_J1939);
    check(p.name == 0xfedcba9876543210);
    check_int(p.pgn, 0x3ffff);
    check_int(p.addr, 0xfe);
    check_int(p.rx_addr, 0);
}

TEST(family, can_refuses)
{
    check_refused(sock_addr_can("no-such-if"), SOCK_E_OS, ENODEV,
                  "address no-such-if: [Errno 19] No such device");
    check_refused(sock_addr_can("sixteen-letters."), SOCK_E_OS, 0,
                  "address sixteen-letters.: AF_CAN interface name too long");
    check_refused(sock_addr_can_isotp("no-such-if", 1, 2), SOCK_E_OS, ENODEV,
                  "address no-such-if: [Errno 19] No such device");
    check_refused(sock_addr_can_j1939(NULL, 1, 2, 3), SOCK_E_TYPE, 0,
                  "address: argument is NULL");
}

TEST(family, tipc)
{
    struct sockaddr_tipc expected = {.family = AF_TIPC,
                                     .addrtype = TIPC_ADDR_NAMESEQ,
                                     .scope = TIPC_NODE_SCOPE,
                                     .addr.nameseq = {5000, 1, 4294967295}};
    sock_addr_t a =
        sock_addr_tipc(TIPC_ADDR_NAMESEQ, 5000, 1, 4294967295, TIPC_NODE_SCOPE);
    sock_tipc_t p;

    check_addr(a, 16, &expected, sizeof expected,
               "(1, 5000, 1, 4294967295, 3)");
    check_ok(sock_addr_get_tipc(&a, &p));
    check_int(p.addr_type, TIPC_ADDR_NAMESEQ);
    check_int(p.v1, 5000);
    check_int(p.v2, 1);
    check_int(p.v3, 4294967295);
    check_int(p.scope, TIPC_NODE_SCOPE);

    a = sock_addr_tipc(TIPC_ADDR_NAME, 5000, 7, 9, TIPC_CLUSTER_SCOPE);
    check_str(repr(&a), "(2, 5000, 7, 7, 2)");
    a = sock_addr_tipc(TIPC_ADDR_NAME, 5000, 7, 7, 200);
    check_ok(sock_addr_get_tipc(&a, &p));
    check_int(p.scope, 4294967240); /* as Python's "I" of a signed char */
    check_str(repr(&a), "(2, 5000, 7, 7, 4294967240)");
    a = sock_addr_tipc(TIPC_ADDR_ID, 11, 12, 13, TIPC_ZONE_SCOPE);
    check_str(repr(&a), "(3, 11, 12, 0, 1)");
    check_int(((struct sockaddr_tipc *)&a.u)->addr.id.ref, 12);
    check_refused(sock_addr_tipc(4, 0, 0, 0, 0), SOCK_E_TYPE, 0,
                  "address: Invalid address type");
    check_refused(sock_addr_tipc(257, 0, 0, 0, 0), SOCK_E_TYPE, 0,
                  "address: Invalid address type");
}

TEST(family, alg)
{
    struct sockaddr_alg expected = {.salg_family = AF_ALG,
                                    .salg_type = "skcipher",
                                    .salg_feat = 1,
                                    .salg_mask = 0x10002,
                                    .salg_name = "cbc(aes)"};
    sock_addr_t a = sock_addr_alg("skcipher", "cbc(aes)", 1, 0x10002);
    sock_alg_t p;

    check_addr(a, 88, &expected, sizeof expected,
               "('skcipher', 'cbc(aes)', 1, 65538)");
    check_ok(sock_addr_get_alg(&a, &p));
    check_str(p.type, "skcipher");
    check_str(p.name, "cbc(aes)");
    check_int(p.feat, 1);
    check_int(p.mask, 0x10002);
}

TEST(family, alg_refuses)
{
    char name[65] = "";
    memset(name, 'n', 64);
    check_refused(sock_addr_alg("fourteen-bytes", "x", 0, 0), SOCK_E_VALUE, 0,
                  "address: AF_ALG type too long.");
    check_refused(sock_addr_alg("x", name, 0, 0), SOCK_E_VALUE, 0,
                  "address: AF_ALG name too long.");
    check_refused(sock_addr_alg(NULL, "x", 0, 0), SOCK_E_TYPE, 0,
                  "address: argument is NULL");
    check_refused(sock_addr_alg("x", NULL, 0, 0), SOCK_E_TYPE, 0,
                  "address: argument is NULL");
    name[63] = '\0';
    sock_addr_t a = sock_addr_alg("thirteen-byte", name, 0, 0);
    check(sock_addr_ok(&a));
}

/* An address whose bytes fill both texts to the last. */
TEST(family, alg_without_an_end)
{
    struct sockaddr_alg sa = {.salg_family = AF_ALG};
    sock_alg_t p;

    memset(sa.salg_type, 't', sizeof sa.salg_type);
    memset(sa.salg_name, 'n', sizeof sa.salg_name);
    sock_addr_t a = sock_addr_from((struct sockaddr *)&sa, sizeof sa);
    check_ok(sock_addr_get_alg(&a, &p));
    check_int(strlen(p.type), 13);
    check_int(strlen(p.name), 63);
}

TEST(family, qipcrtr)
{
    static const struct sockaddr_qrtr expected = {
        .sq_family = AF_QIPCRTR, .sq_node = 1, .sq_port = 0x4000};
    sock_addr_t a = sock_addr_qipcrtr(1, 0x4000);
    sock_qipcrtr_t p;

    check_addr(a, 12, &expected, sizeof expected, "(1, 16384)");
    check_ok(sock_addr_get_qipcrtr(&a, &p));
    check_int(p.node, 1);
    check_int(p.port, 0x4000);
}

/* Of Bluetooth no header is there to compare with: bytes as BlueZ has them. */
TEST(family, bluetooth_l2cap)
{
    static const unsigned char expected[14] = {
        31, 0, 0x01, 0x10, 0x13, 0x71, 0xda, 0x7d, 0x1a, 0x00, 0x40, 0x00, 2};
    sock_addr_t a =
        sock_addr_bluetooth_l2cap("00:1a:7D:dA:71:13", 0x1001, 64, 2);
    sock_bluetooth_t p;

    unsigned char bytes[14];
    memcpy(bytes, expected, sizeof bytes);
    if (htons(1) == 1) { /* the family alone is in the machine's order */
        bytes[0] = 0;
        bytes[1] = 31;
    }
    check_addr(a, 14, bytes, sizeof bytes,
               "('00:1A:7D:DA:71:13', 4097, 64, 2)");
    check_ok(sock_addr_get_bluetooth(&a, &p));
    check_int(p.protocol, BTPROTO_L2CAP);
    check_str(p.bdaddr, "00:1A:7D:DA:71:13");
    check_int(p.psm, 0x1001);
    check_int(p.cid, 64);
    check_int(p.bdaddr_type, 2);

    a = sock_addr_bluetooth_l2cap(SOCK_BDADDR_ANY, 1, 0, 0);
    check_str(repr(&a), "('00:00:00:00:00:00', 1)");
    a = sock_addr_bluetooth_l2cap(SOCK_BDADDR_LOCAL, 1, 2, 0);
    check_str(repr(&a), "('00:00:00:FF:FF:FF', 1, 2)");
    a = sock_addr_bluetooth_l2cap("1:2:3:4:5:6", 1, 0, 1);
    check_str(repr(&a), "('01:02:03:04:05:06', 1, 0, 1)");
}

TEST(family, bluetooth_rfcomm_hci_sco)
{
    sock_bluetooth_t p;
    sock_addr_t a = sock_addr_bluetooth_rfcomm("01:02:03:04:05:06", 30);
    check_int(a.len, 10);
    check_bytes(&a.u.sa.sa_data, "\6\5\4\3\2\1\36", 7);
    check_str(repr(&a), "('01:02:03:04:05:06', 30)");
    check_ok(sock_addr_get_bluetooth(&a, &p));
    check_int(p.protocol, BTPROTO_RFCOMM);
    check_int(p.channel, 30);

    a = sock_addr_bluetooth_hci(3, 0);
    check_int(a.len, 6);
    check_str(repr(&a), "3");
    a = sock_addr_bluetooth_hci(3, 1);
    check_str(repr(&a), "(3, 1)");
    check_ok(sock_addr_get_bluetooth(&a, &p));
    check_int(p.protocol, BTPROTO_HCI);
    check_int(p.dev, 3);
    check_int(p.channel, 1);
    check_str(p.bdaddr, "");

    a = sock_addr_bluetooth_sco("01:02:03:04:05:06");
    check_int(a.len, 8);
    check_bytes(&a.u.sa.sa_data, "\6\5\4\3\2\1", 6);
    check_str(repr(&a), "'01:02:03:04:05:06'");
    check_ok(sock_addr_get_bluetooth(&a, &p));
    check_int(p.protocol, BTPROTO_SCO);
}

TEST(family, bluetooth_refuses)
{
    static const char *const bad[] = {"",
                                      "1",
                                      "1:2:3:4:5",
                                      "1:2:3:4:5:6:7",
                                      ":2:3:4:5:6",
                                      "1:2:3:4:5:",
                                      "1:2:3:4:5:g",
                                      "100:2:3:4:5:6",
                                      "1:2:3:4:5:6 ",
                                      "1-2-3-4-5-6"};
    char text[80];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sock_addr_t a = sock_addr_bluetooth_sco(bad[i]);
        check(!sock_addr_ok(&a));
        check_int(sock_last_error()->kind, SOCK_E_OS);
        check_int(sock_last_error()->code, 0);
        sock_error_reason(sock_last_error(), text, sizeof text);
        check_str(text, "bad bluetooth address");
    }
    const char *range = "address: number is out of range";
    const char *any = SOCK_BDADDR_ANY;
    check_refused(sock_addr_bluetooth_l2cap(any, 65536, 0, 0), SOCK_E_OVERFLOW,
                  0, range);
    check_refused(sock_addr_bluetooth_l2cap(any, -1, 0, 0), SOCK_E_OVERFLOW, 0,
                  range);
    check_refused(sock_addr_bluetooth_l2cap(any, 0, 65536, 0), SOCK_E_OVERFLOW,
                  0, range);
    check_refused(sock_addr_bluetooth_l2cap(any, 0, 0, 256), SOCK_E_OVERFLOW, 0,
                  range);
    check_refused(sock_addr_bluetooth_l2cap(any, 0, 0, -1), SOCK_E_OVERFLOW, 0,
                  range);
    check_refused(sock_addr_bluetooth_rfcomm(any, 256), SOCK_E_OVERFLOW, 0,
                  range);
    check_refused(sock_addr_bluetooth_rfcomm(any, -1), SOCK_E_OVERFLOW, 0,
                  range);
    check_refused(sock_addr_bluetooth_hci(-1, 0), SOCK_E_OVERFLOW, 0, range);
    check_refused(sock_addr_bluetooth_hci(0, 65536), SOCK_E_OVERFLOW, 0, range);
    check_refused(sock_addr_bluetooth_sco(NULL), SOCK_E_TYPE, 0,
                  "address: argument is NULL");
}

/* Any family */

/* Every accessor with what it is not for. */
TEST(family, parts_of_another_family)
{
    sock_addr_t inet = sock_addr_inet("127.0.0.1", 80);
    sock_addr_t bad = sock_addr_can("no-such-if"), none = sock_addr_none();
    union sock__parts p;

#define CHECK_OTHER(name)                                                      \
    check_fails(sock_addr_get_##name(&inet, &p.name), SOCK_E_TYPE, 0,          \
                "addr_get_" #name ": address is of another family");           \
    check_fails(sock_addr_get_##name(&none, &p.name), SOCK_E_TYPE, 0,          \
                "addr_get_" #name ": no address");                             \
    check_fails(sock_addr_get_##name(NULL, &p.name), SOCK_E_TYPE, 0,           \
                "addr_get_" #name ": no address");                             \
    check_fails(sock_addr_get_##name(&bad, &p.name), SOCK_E_OS, ENODEV,        \
                "addr_get_" #name " no-such-if: [Errno 19] No such device");   \
    check_fails(sock_addr_get_##name(&inet, NULL), SOCK_E_TYPE, 0,             \
                "addr_get_" #name ": argument is NULL")
    CHECK_OTHER(netlink);
    CHECK_OTHER(packet);
    CHECK_OTHER(vsock);
    CHECK_OTHER(can);
    CHECK_OTHER(tipc);
    CHECK_OTHER(alg);
    CHECK_OTHER(qipcrtr);
    CHECK_OTHER(bluetooth);
#undef CHECK_OTHER
}

TEST(family, from_the_system)
{
    static const struct {
        int family;
        socklen_t least;
    } rows[] = {{AF_NETLINK, 12}, {AF_PACKET, 12},  {AF_VSOCK, 16},
                {AF_CAN, 8},      {AF_TIPC, 16},    {AF_ALG, 25},
                {AF_QIPCRTR, 12}, {AF_BLUETOOTH, 6}};
    struct sockaddr_storage sa = {0};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sa.ss_family = (sa_family_t)rows[i].family;
        sock_addr_t a = sock_addr_from((struct sockaddr *)&sa, rows[i].least);
        check(sock_addr_ok(&a));
        a = sock_addr_from((struct sockaddr *)&sa, rows[i].least - 1);
        check_refused(a, SOCK_E_VALUE, 0,
                      "address: address is too short for its family");
    }
}

/* What no parts are known for is shown as Python shows a family it does not
 * know. */
TEST(family, unknown_forms)
{
    struct sockaddr_tipc tipc = {.family = AF_TIPC, .addrtype = 9};
    sock_addr_t a = sock_addr_from((struct sockaddr *)&tipc, sizeof tipc);
    sock_tipc_t p;
    check_str(repr(&a), "(30, b'\\t\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
                        "\\x00\\x00\\x00\\x00\\x00')");
    check_fails(sock_addr_get_tipc(&a, &p), SOCK_E_TYPE, 0,
                "addr_get_tipc: address is of another family");
    a = sock_addr_bluetooth_sco("1:2:3:4:5:6");
    a.detail = 9;
    check_str(repr(&a), "(31, b'\\x06\\x05\\x04\\x03\\x02\\x01')");
}

/* The protocol is what the socket has, however the address came. */
TEST(family, form_follows_the_protocol)
{
    sock_addr_t a = sock_addr_can_isotp("", 1, 2);
    sock_addr_t b = sock_addr_from(&a.u.sa, a.len);
    check_str(repr(&b), "('',)");
    check(sock_addr_equal(&a, &b)); /* the bytes are */
    sock__addr_finish(&b, b.len, CAN_ISOTP);
    check_str(repr(&b), "('', 1, 2)");
    a = sock_addr_inet("127.0.0.1", 80);
    sock__addr_finish(&a, a.len, IPPROTO_TCP);
    check_int(a.detail, 0);
    a = sock_addr_inet6("::1", 80);
    sock__addr_finish(&a, a.len, IPPROTO_TCP);
    check_int(a.detail, 0);
}

/* Constructors leave errno and the record alone, success leaves all alone. */
TEST(family, touches_nothing)
{
    sock_last_error();
    errno = 77;
    sock_addr_can("no-such-if");
    sock_addr_t a = sock_addr_packet("no-such-if", 0, 0, 0, NULL, 0);
    check_int(a.sys_errno, ENODEV);
    a = sock_addr_packet("lo", 0, 0, 0, NULL, 0);
    struct sockaddr_ll gone = {.sll_family = AF_PACKET,
                               .sll_ifindex = 0x7fffffff};
    a = sock_addr_from((struct sockaddr *)&gone, sizeof gone);
    check_str(repr(&a), "('', 0, 0, 0, b'')");
    check_int(errno, 77);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
}

TEST(family, addr_for)
{
    struct sock rds = {.family = AF_RDS}, can = {.family = AF_CAN};
    sock_addr_t a = sock_addr_for(&rds, "127.0.0.1", 5);
    check_str(repr(&a), "('127.0.0.1', 5)");
    check_refused(sock_addr_for(&can, "can0", 5), SOCK_E_OS, 0,
                  "address can0: bad family");
}

/* Real sockets */

TEST(family, netlink_socket)
{
    struct {
        struct nlmsghdr head;
        struct ifinfomsg info;
    } ask = {.head = {.nlmsg_len = sizeof ask,
                      .nlmsg_type = RTM_GETLINK,
                      .nlmsg_flags = NLM_F_REQUEST,
                      .nlmsg_seq = 42},
             .info = {.ifi_index = (int)if_nametoindex("lo")}};
    char answer[8192];
    sock_addr_t me, from;
    sock_netlink_t parts;

    sock_t *s = check_made(sock_new(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    check_ok(sock_bind(s, sock_addr_netlink(0, 0)));
    check_ok(sock_getsockname(s, &me));
    check_ok(sock_addr_get_netlink(&me, &parts));
    check(parts.pid != 0); /* the kernel chose one */
    check_int(sock_sendto(s, &ask, sizeof ask, 0, sock_addr_netlink(0, 0)),
              sizeof ask);
    ssize_t n =
        (ssize_t)check_ok(sock_recvfrom(s, answer, sizeof answer, 0, &from));
    struct nlmsghdr head;
    check(n > (ssize_t)sizeof head);
    memcpy(&head, answer, sizeof head);
    check_int(head.nlmsg_type, RTM_NEWLINK);
    check_int(head.nlmsg_seq, 42);
    check_int(head.nlmsg_pid, parts.pid);
    check_str(repr(&from), "(0, 0)");
    sock_free(s);
}

/* One frame from the loopback interface to itself. */
TEST(family, packet_socket)
{
    /* to nobody, from nobody, of a type that is for experiments */
    static const char frame[60] = "\0\0\0\0\0\0\0\0\0\0\0\0\x88\xb5payload";
    char came[100];
    sock_addr_t from;

    sock_t *s = sock_new(AF_PACKET, SOCK_RAW, htons(0x88b5));
    if (s == NULL && errno == EPERM)
        skip("packet sockets need CAP_NET_RAW");
    check_made(s);
    check_ok(sock_settimeout(s, 10));
    check_ok(sock_bind(s, sock_addr_packet("lo", 0x88b5, 0, 0, NULL, 0)));
    check_ok(sock_getsockname(s, &from));
    check_str(repr(&from),
              "('lo', 34997, 0, 772, b'\\x00\\x00\\x00\\x00\\x00\\x00')");
    sock_t *sender = check_made(sock_new(AF_PACKET, SOCK_RAW, 0));
    check_int(sock_sendto(sender, frame, sizeof frame, 0,
                          sock_addr_packet("lo", 0, 0, 0, NULL, 0)),
              sizeof frame);
    check_int(sock_recvfrom(s, came, sizeof came, 0, &from), sizeof frame);
    check_bytes(came, frame, sizeof frame);
    check_str(repr(&from),
              "('lo', 34997, 0, 772, b'\\x00\\x00\\x00\\x00\\x00\\x00')");
    sock_free(sender);
    sock_free(s);
}

TEST(family, vsock_socket)
{
    sock_t *s = sock_new(AF_VSOCK, SOCK_STREAM, 0);
    sock_addr_t a;
    int size;
    uint64_t wide;

    if (s == NULL && errno == EAFNOSUPPORT)
        skip("this kernel has no AF_VSOCK");
    check_made(s);
    check_ok(sock_bind(s, sock_addr_vsock(VMADDR_CID_ANY, VMADDR_PORT_ANY)));
    check_ok(sock_getsockname(s, &a));
    sock_vsock_t parts;
    check_ok(sock_addr_get_vsock(&a, &parts));
    check_int(parts.cid, VMADDR_CID_ANY);
    check(parts.port != VMADDR_PORT_ANY);

    if (emulated())
        skip("the emulator knows no options of AF_VSOCK");
    check_ok(sock_setsockopt_int(s, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MAX_SIZE,
                                 1 << 20));
    check_ok(
        sock_setsockopt_int(s, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, 1 << 19));
    check_ok(
        sock_getsockopt_int(s, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, &size));
    check_int(size, 1 << 19);
    check_int(sock_getsockopt(s, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, &wide,
                              sizeof wide),
              8);
    check(wide == 1 << 19);
    wide = 1ULL << 40;
    check_ok(sock_setsockopt(s, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MAX_SIZE, &wide,
                             sizeof wide));
    check_fails(
        sock_getsockopt_int(s, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MAX_SIZE, &size),
        SOCK_E_OVERFLOW, 0,
        "getsockopt SO_VM_SOCKETS_BUFFER_MAX_SIZE: number is out of range");
    check_fails(
        sock_getsockopt_int(s, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, NULL),
        SOCK_E_TYPE, 0, "getsockopt SO_VM_SOCKETS_BUFFER_SIZE: buffer is NULL");
    check_ok(sock_getsockopt_int(s, SOL_SOCKET, SO_TYPE, &size));
    check_int(size, SOCK_STREAM);
    sock_free(s);
}

/* Families that a kernel may lack: what can be said of it is said. */
static sock_t *socket_or_skip(int family, int type, int proto, const char *name)
{
    sock_t *s = sock_new(family, type, proto);
    if (s == NULL && (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT ||
                      errno == ESOCKTNOSUPPORT))
        skip("this kernel has no %s", name);
    return check_made(s);
}

/* Binds, and shows the address that the system gives back. */
static void check_bound(sock_t *s, sock_addr_t a, const char *text)
{
    sock_addr_t me;
    check_ok(sock_bind(s, a));
    check_ok(sock_getsockname(s, &me));
    check_str(repr(&me), text);
    sock_free(s);
}

TEST(family, can_socket)
{
    check_bound(socket_or_skip(AF_CAN, SOCK_RAW, CAN_RAW, "AF_CAN"),
                sock_addr_can(""), "('',)");
}

TEST(family, tipc_socket)
{
    sock_t *s = socket_or_skip(AF_TIPC, SOCK_RDM, 0, "AF_TIPC");
    check_ok(sock_bind(
        s, sock_addr_tipc(TIPC_ADDR_NAMESEQ, 5000, 1, 1, TIPC_NODE_SCOPE)));
    sock_free(s);
}

TEST(family, qipcrtr_socket)
{
    sock_t *s = socket_or_skip(AF_QIPCRTR, SOCK_DGRAM, 0, "AF_QIPCRTR");
    sock_addr_t me;
    check_ok(sock_getsockname(s, &me));
    check_int(sock_addr_family(&me), AF_QIPCRTR);
    sock_free(s);
}

TEST(family, bluetooth_socket)
{
    sock_t *s =
        socket_or_skip(AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI, "AF_BLUETOOTH");
    sock_addr_t me;
    check_ok(sock_getsockname(s, &me));
    check_int(sock_addr_family(&me), AF_BLUETOOTH);
    sock_free(s);
}

TEST(family, alg_socket)
{
    sock_t *s = socket_or_skip(AF_ALG, SOCK_SEQPACKET, 0, "AF_ALG");
    static const unsigned char sha[] = {0xba, 0x78, 0x16, 0xbf};
    unsigned char digest[32];
    check_ok(sock_bind(s, sock_addr_alg("hash", "sha256", 0, 0)));
    sock_t *op = check_made(sock_accept(s, NULL));
    check_int(sock_send(op, "abc", 3, 0), 3);
    check_int(sock_recv(op, digest, sizeof digest, 0), 32);
    check_bytes(digest, sha, sizeof sha);
    sock_free(op);
    sock_free(s);
}

/* sendmsg_afalg: what it hands to the system, which is taken down here. */

static struct {
    size_t size;
    char control[1024];
    bool has_address;
} sent;

static bool take_down;

ssize_t __real_sendmsg(int fd, const struct msghdr *header, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *header, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *header, int flags)
{
    if (!take_down)
        return __real_sendmsg(fd, header, flags);
    sent.size = header->msg_controllen;
    sent.has_address = header->msg_name != NULL;
    memcpy(sent.control, header->msg_control, header->msg_controllen);
    return (ssize_t)header->msg_iov->iov_len;
}

/* A socket that passes for one of AF_ALG. */
static struct pair alg_pair(void)
{
    struct pair p = unix_pair(SOCK_SEQPACKET);
    p.a->family = AF_ALG;
    take_down = true;
    return p;
}

static void check_item(sock_cmsg_t *item, int type, const void *data,
                       size_t size)
{
    sock_control_t control = sock_control_in(sent.control, sent.size);
    control.used = sent.size;
    check_int(sock_control_next(&control, item), 1);
    check_int(item->level, SOL_ALG);
    check_int(item->type, type);
    check_int(item->size, size);
    check_bytes(item->data, data, size);
}

TEST(family, sendmsg_afalg)
{
    struct pair p = alg_pair();
    char text[] = "text";
    struct iovec buf = {text, 4};
    uint32_t op = ALG_OP_ENCRYPT, assoc = 20;
    struct {
        uint32_t size;
        char bytes[16];
    } iv = {16, {"0123456789abcde"}};
    sock_cmsg_t item = SOCK_CMSG_FIRST;

    check_int(sock_sendmsg_afalg(p.a, &buf, 1, ALG_OP_ENCRYPT, iv.bytes, 16, 20,
                                 MSG_MORE),
              4);
    check(!sent.has_address);
    check_item(&item, ALG_SET_OP, &op, sizeof op);
    check_item(&item, ALG_SET_IV, &iv, sizeof iv);
    check_item(&item, ALG_SET_AEAD_ASSOCLEN, &assoc, sizeof assoc);

    op = ALG_OP_DECRYPT;
    check_int(sock_sendmsg_afalg(p.a, &buf, 1, ALG_OP_DECRYPT, NULL, 0, -1, 0),
              4);
    check_int(sent.size, CMSG_SPACE(sizeof op));
    item = (sock_cmsg_t)SOCK_CMSG_FIRST;
    check_item(&item, ALG_SET_OP, &op, sizeof op);
    char most[SOCK_ALG_IV_MAX] = "";
    check_ok(sock_sendmsg_afalg(p.a, &buf, 1, 0, most, sizeof most, 0, 0));
    free_pair(&p);
}

TEST(family, sendmsg_afalg_refuses)
{
    struct pair p = alg_pair();
    struct iovec buf = {NULL, 0};
    char iv[SOCK_ALG_IV_MAX + 1] = "";

    check_fails(sock_sendmsg_afalg(p.a, &buf, 1, -1, NULL, 0, -1, 0),
                SOCK_E_TYPE, 0,
                "sendmsg_afalg: Invalid or missing argument 'op'");
    check_fails(sock_sendmsg_afalg(p.a, &buf, 1, 0, NULL, 0, -2, 0),
                SOCK_E_TYPE, 0, "sendmsg_afalg: assoclen must be positive");
    check_fails(sock_sendmsg_afalg(p.a, &buf, 1, 0, NULL, 1, -1, 0),
                SOCK_E_TYPE, 0, "sendmsg_afalg: buffer is NULL");
    check_fails(sock_sendmsg_afalg(p.a, &buf, 1, 0, iv, sizeof iv, -1, 0),
                SOCK_E_VALUE, 0, "sendmsg_afalg: size is too large");
    check_fails(sock_sendmsg_afalg(p.a, NULL, 1, 0, NULL, 0, -1, 0),
                SOCK_E_TYPE, 0, "sendmsg_afalg: buffer is NULL");
    check_fails(sock_sendmsg_afalg(p.b, &buf, 1, 0, NULL, 0, -1, 0), SOCK_E_OS,
                0, "sendmsg_afalg: algset is only supported for AF_ALG");
    check_fails(sock_sendmsg_afalg(NULL, &buf, 1, 0, NULL, 0, -1, 0),
                SOCK_E_TYPE, 0, "sendmsg_afalg: socket is NULL");
    check_ok(sock_close(p.a));
    check_fails(sock_sendmsg_afalg(p.a, &buf, 1, 0, NULL, 0, -1, 0), SOCK_E_OS,
                EBADF, "sendmsg_afalg: [Errno 9] Bad file descriptor");
    free_pair(&p);
}

/* accept(2) as AF_ALG has it: a peer that is asked for ends the connection. */
int __real_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags)
{
    if (take_down && sa != NULL) {
        errno = EIO; /* and not ECONNABORTED, of which there is no end */
        return -1;
    }
    return __real_accept4(fd, sa, len, flags);
}

TEST(family, alg_is_accepted_without_a_peer)
{
    sock_addr_t where, peer = sock_addr_inet("127.0.0.1", 1);
    sock_t *server = listener(&where);
    sock_t *client = check_made(sock_new(AF_INET, SOCK_STREAM, 0));

    check_ok(sock_connect(client, where));
    server->family = AF_ALG;
    take_down = true;
    sock_t *conn = check_made(sock_accept(server, &peer));
    check_str(repr(&peer), "None");
    sock_free(conn);
    sock_free(client);
    sock_free(server);
}
