/* SPDX-License-Identifier: MIT */
/**
 * @file family.h
 * @brief Addresses of Linux's further families.
 */
#ifndef PYSOCKC_FAMILY_H
#define PYSOCKC_FAMILY_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/address.h>
#include <pysockc/export.h>
#include <pysockc/interface.h>

/**
 * @defgroup family Further families
 * @brief Addresses of netlink, packet, VSOCK, CAN, TIPC, AF_ALG, QIPCRTR and
 * Bluetooth sockets.
 *
 * A constructor for each form of address that Python's module takes, and a
 * structure with its parts in the order of Python's tuple. Both work on every
 * kernel, with or without the family; sock_new() says whether it is there.
 * sock_addr_repr() shows the tuple.
 *
 * AF_CAN and AF_BLUETOOTH have several forms, which the protocol of the socket
 * selects. An address remembers it: the constructor's, or that of the socket
 * that the address came from. One from sock_addr_from() is taken as protocol 0.
 * @{
 */

/** Buffer that holds a Bluetooth address such as `00:1A:7D:DA:71:13`. */
#define SOCK_BDADDR_TEXT_MAX 18
/** Python's `BDADDR_ANY`: any Bluetooth adapter. */
#define SOCK_BDADDR_ANY "00:00:00:00:00:00"
/** Python's `BDADDR_LOCAL`: the Bluetooth adapters of this machine. */
#define SOCK_BDADDR_LOCAL "00:00:00:FF:FF:FF"
/** Most bytes of a hardware address in #sock_packet_t. */
#define SOCK_HARDWARE_ADDR_MAX 8

/** Parts of an AF_NETLINK address. */
typedef struct sock_netlink {
    uint32_t pid;    /**< Port, often the process; 0 is the kernel. */
    uint32_t groups; /**< Multicast groups, one bit each. */
} sock_netlink_t;

/** Parts of an AF_PACKET address. */
typedef struct sock_packet {
    char ifname[SOCK_IF_NAME_MAX]; /**< Interface; `""` if it is gone. */
    int32_t proto;      /**< ETH_P_... in host byte order, 0 to 65535. */
    int32_t pkttype;    /**< PACKET_HOST, PACKET_OUTGOING, ... */
    int32_t hatype;     /**< ARPHRD_... */
    uint32_t addr_size; /**< Bytes of @ref addr that count. */
    unsigned char addr[SOCK_HARDWARE_ADDR_MAX]; /**< Hardware address. */
} sock_packet_t;

/** Parts of an AF_VSOCK address. */
typedef struct sock_vsock {
    uint32_t cid;  /**< Machine, or VMADDR_CID_ANY, VMADDR_CID_HOST. */
    uint32_t port; /**< Port, or VMADDR_PORT_ANY. */
} sock_vsock_t;

/** Parts of an AF_CAN address; which of them count, the protocol says. */
typedef struct sock_can {
    char ifname[SOCK_IF_NAME_MAX]; /**< Interface; `""` for all of them. */
    int32_t protocol;  /**< CAN_RAW, CAN_BCM, CAN_ISOTP or CAN_J1939. */
    uint32_t rx_addr;  /**< ISOTP: identifier that is received. */
    uint32_t tx_addr;  /**< ISOTP: identifier that is sent. */
    uint32_t pgn;      /**< J1939: parameter group. */
    uint64_t name;     /**< J1939: name of the controller. */
    uint32_t addr;     /**< J1939: address, 0 to 255. */
    uint32_t reserved; /**< Zero. */
} sock_can_t;

/** Parts of an AF_TIPC address. */
typedef struct sock_tipc {
    uint32_t addr_type; /**< TIPC_ADDR_NAMESEQ, TIPC_ADDR_NAME, TIPC_ADDR_ID. */
    uint32_t v1;        /**< Type; of an ID the node. */
    uint32_t v2;        /**< Lower or only instance; of an ID the reference. */
    uint32_t v3;        /**< Upper instance; of an ID 0. */
    uint32_t scope;     /**< TIPC_CLUSTER_SCOPE, ...; the system has a signed
                             byte, so 200 is 4294967240, as in Python. */
} sock_tipc_t;

/** Parts of an AF_ALG address. */
typedef struct sock_alg {
    char type[14]; /**< `"hash"`, `"skcipher"`, `"aead"`, ... */
    char name[64]; /**< `"sha256"`, `"cbc(aes)"`, ... */
    uint32_t feat; /**< Features. */
    uint32_t mask; /**< Mask of features. */
} sock_alg_t;

/** Parts of an AF_QIPCRTR address. */
typedef struct sock_qipcrtr {
    uint32_t node; /**< Node. */
    uint32_t port; /**< Port. */
} sock_qipcrtr_t;

/** Parts of an AF_BLUETOOTH address; which count, the protocol says. */
typedef struct sock_bluetooth {
    int32_t protocol; /**< BTPROTO_L2CAP, _HCI, _SCO or _RFCOMM: 0 to 3. */
    char bdaddr[SOCK_BDADDR_TEXT_MAX]; /**< Device; not of HCI. */
    uint16_t psm;                      /**< L2CAP: protocol and service. */
    uint16_t cid;                      /**< L2CAP: channel. */
    uint16_t dev;                      /**< HCI: adapter. */
    uint16_t channel;                  /**< RFCOMM or HCI: channel. */
    uint16_t bdaddr_type; /**< L2CAP: 0 is BR/EDR, 1 and 2 are LE. */
} sock_bluetooth_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief A netlink address.
 *
 * Corresponds to Python's ``(pid, groups)`` for AF_NETLINK.
 *
 * @param[in] pid     Port; 0 lets bind choose one, and names the kernel.
 * @param[in] groups  Multicast groups, one bit each.
 * @return The address.
 * @see sock_addr_get_netlink(), sock_new(), sock_bind().
 * @par Example
 * @snippet family.c netlink
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_netlink(uint32_t pid, uint32_t groups);

/**
 * @brief An address of packets on an interface.
 *
 * Corresponds to Python's ``(ifname, proto, pkttype, hatype, addr)`` for
 * AF_PACKET.
 *
 * @param[in] ifname   Interface, which is looked up now.
 * @param[in] proto    ETH_P_... in host byte order, 0 to 65535.
 * @param[in] pkttype  PACKET_HOST, which is 0 and Python's default, or another.
 * @param[in] hatype   ARPHRD_..., 0 is Python's default.
 * @param[in] addr     Hardware address; NULL for none.
 * @param[in] size     Bytes of @p addr, at most #SOCK_HARDWARE_ADDR_MAX.
 * @return The address, or one that remembers its error: #SOCK_E_OS (ENODEV),
 *         #SOCK_E_VALUE (hardware address too long), #SOCK_E_OVERFLOW
 *         (protocol), #SOCK_E_TYPE (NULL).
 * @see sock_addr_get_packet(), sock_if_nameindex().
 * @par Example
 * @snippet family.c packet
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_packet(const char *ifname, int proto,
                                      int pkttype, int hatype, const void *addr,
                                      size_t size);

/**
 * @brief An address of VM sockets.
 *
 * Corresponds to Python's ``(cid, port)`` for AF_VSOCK.
 *
 * @param[in] cid   Machine, or VMADDR_CID_ANY, VMADDR_CID_HOST.
 * @param[in] port  Port, or VMADDR_PORT_ANY.
 * @return The address.
 * @see sock_addr_get_vsock(), sock_connect().
 * @par Example
 * @snippet family.c vsock
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_vsock(uint32_t cid, uint32_t port);

/**
 * @brief An address of raw CAN frames, or of the broadcast manager.
 *
 * Corresponds to Python's ``(interface,)`` for AF_CAN with CAN_RAW and CAN_BCM.
 *
 * @param[in] ifname  Interface, which is looked up now; `""` for all of them.
 * @return The address, or one that remembers its error: #SOCK_E_OS (ENODEV; or
 * code 0, "AF_CAN interface name too long"), #SOCK_E_TYPE (NULL).
 * @see sock_addr_can_isotp(), sock_addr_can_j1939(), sock_addr_get_can().
 * @par Example
 * @snippet family.c can
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_can(const char *ifname);

/**
 * @brief An address of CAN transport, ISO 15765-2.
 *
 * Corresponds to Python's ``(interface, rx_addr, tx_addr)`` for AF_CAN with
 * CAN_ISOTP.
 *
 * @param[in] ifname   As for sock_addr_can().
 * @param[in] rx_addr  CAN identifier that is received.
 * @param[in] tx_addr  CAN identifier that is sent.
 * @return The address, as sock_addr_can().
 * @see sock_addr_can(), sock_addr_can_j1939(), sock_addr_get_can().
 * @par Example
 * @snippet family.c isotp
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_can_isotp(const char *ifname, uint32_t rx_addr,
                                         uint32_t tx_addr);

/**
 * @brief An address of SAE J1939.
 *
 * Corresponds to Python's ``(interface, name, pgn, addr)`` for AF_CAN with
 * CAN_J1939.
 *
 * @param[in] ifname  As for sock_addr_can().
 * @param[in] name    Name of the controller, or J1939_NO_NAME.
 * @param[in] pgn     Parameter group, or J1939_NO_PGN.
 * @param[in] addr    Address, or J1939_NO_ADDR.
 * @return The address, as sock_addr_can().
 * @see sock_addr_can(), sock_addr_can_isotp(), sock_addr_get_can().
 * @par Example
 * @snippet family.c j1939
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_can_j1939(const char *ifname, uint64_t name,
                                         uint32_t pgn, uint8_t addr);

/**
 * @brief A TIPC address.
 *
 * Corresponds to Python's ``(addr_type, v1, v2, v3, scope)`` for AF_TIPC.
 *
 * @param[in] addr_type  TIPC_ADDR_NAMESEQ (1), TIPC_ADDR_NAME (2) or
 * TIPC_ADDR_ID (3).
 * @param[in] v1         Type; of an ID the node.
 * @param[in] v2         Lower or only instance; of an ID the reference.
 * @param[in] v3         Upper instance of a TIPC_ADDR_NAMESEQ; else ignored.
 * @param[in] scope      TIPC_CLUSTER_SCOPE (2), which is Python's default,
 *                       TIPC_NODE_SCOPE or TIPC_ZONE_SCOPE.
 * @return The address, or one that remembers #SOCK_E_TYPE (address type).
 * @see sock_addr_get_tipc(), sock_bind().
 * @par Example
 * @snippet family.c tipc
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_tipc(uint32_t addr_type, uint32_t v1,
                                    uint32_t v2, uint32_t v3, int scope);

/**
 * @brief An address of the kernel's cryptography.
 *
 * Corresponds to Python's ``(type, name, feat, mask)`` for AF_ALG.
 *
 * @param[in] type  `"hash"`, `"skcipher"`, ..., at most 13 bytes.
 * @param[in] name  `"sha256"`, `"cbc(aes)"`, ..., at most 63 bytes.
 * @param[in] feat  Features; 0 is Python's default.
 * @param[in] mask  Mask of features; 0 is Python's default.
 * @return The address, or one that remembers its error: #SOCK_E_VALUE (too
 *         long), #SOCK_E_TYPE (NULL).
 * @see sock_addr_get_alg(), sock_sendmsg_afalg().
 * @par Example
 * @snippet family.c alg
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_alg(const char *type, const char *name,
                                   uint32_t feat, uint32_t mask);

/**
 * @brief An address of Qualcomm's IPC router.
 *
 * Corresponds to Python's ``(node, port)`` for AF_QIPCRTR.
 *
 * @param[in] node  Node.
 * @param[in] port  Port.
 * @return The address.
 * @see sock_addr_get_qipcrtr(), sock_bind().
 * @par Example
 * @snippet family.c qipcrtr
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_qipcrtr(uint32_t node, uint32_t port);

/**
 * @brief An address of Bluetooth L2CAP.
 *
 * Corresponds to Python's ``(bdaddr, psm, cid, bdaddr_type)`` for AF_BLUETOOTH
 * with BTPROTO_L2CAP.
 *
 * @param[in] bdaddr       Device, six bytes in hexadecimal with colons; or
 *                         #SOCK_BDADDR_ANY, #SOCK_BDADDR_LOCAL.
 * @param[in] psm          Protocol and service, 0 to 65535.
 * @param[in] cid          Channel, 0 to 65535; 0 is Python's default.
 * @param[in] bdaddr_type  0 is BR/EDR and Python's default, 1 LE public, 2 LE
 * random; 0 to 255.
 * @return The address, or one that remembers its error: #SOCK_E_OS with code 0
 *         ("bad bluetooth address"), #SOCK_E_OVERFLOW (a number out of
 *         range), #SOCK_E_TYPE (NULL).
 * @see sock_addr_bluetooth_rfcomm(), sock_addr_get_bluetooth().
 * @par Example
 * @snippet family.c l2cap
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_bluetooth_l2cap(const char *bdaddr, int psm,
                                               int cid, int bdaddr_type);

/**
 * @brief An address of Bluetooth RFCOMM.
 *
 * Corresponds to Python's ``(bdaddr, channel)`` for AF_BLUETOOTH with
 * BTPROTO_RFCOMM.
 *
 * @param[in] bdaddr   As for sock_addr_bluetooth_l2cap().
 * @param[in] channel  Channel, 0 to 255.
 * @return The address, as sock_addr_bluetooth_l2cap().
 * @see sock_addr_bluetooth_l2cap(), sock_addr_get_bluetooth().
 * @par Example
 * @snippet family.c rfcomm
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_bluetooth_rfcomm(const char *bdaddr,
                                                int channel);

/**
 * @brief An address of a Bluetooth adapter.
 *
 * Corresponds to Python's `device` or ``(device, channel)`` for AF_BLUETOOTH
 * with BTPROTO_HCI.
 *
 * @param[in] dev      Adapter, 0 to 65535.
 * @param[in] channel  0 is HCI_CHANNEL_RAW and Python's default; 0 to 65535.
 * @return The address, or one that remembers #SOCK_E_OVERFLOW.
 * @see sock_addr_bluetooth_l2cap(), sock_addr_get_bluetooth().
 * @par Example
 * @snippet family.c hci
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_bluetooth_hci(int dev, int channel);

/**
 * @brief An address of Bluetooth SCO.
 *
 * Corresponds to Python's `bdaddr` for AF_BLUETOOTH with BTPROTO_SCO.
 *
 * @param[in] bdaddr  As for sock_addr_bluetooth_l2cap().
 * @return The address, as sock_addr_bluetooth_l2cap().
 * @see sock_addr_bluetooth_l2cap(), sock_addr_get_bluetooth().
 * @par Example
 * @snippet family.c sco
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_bluetooth_sco(const char *bdaddr);

/**
 * @brief Parts of an AF_NETLINK address.
 *
 * Corresponds to Python's ``(pid, groups)`` for AF_NETLINK, taken apart.
 *
 * @param[in]  a      Address.
 * @param[out] parts  Its items.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family and for NULL; the remembered error of a bad
 * address.
 * @see sock_addr_netlink(), sock_addr_repr().
 * @par Example
 * @snippet family.c netlink
 * @since 0.1.0
 */
SOCK_API int sock_addr_get_netlink(const sock_addr_t *a, sock_netlink_t *parts);

/**
 * @brief Parts of an AF_PACKET address.
 *
 * Corresponds to Python's ``(ifname, proto, pkttype, hatype, addr)`` for
 * AF_PACKET, taken apart.
 *
 * @param[in]  a      Address.
 * @param[out] parts  Its items.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family and for NULL; the remembered error of a bad
 * address.
 * @see sock_addr_packet(), sock_addr_repr().
 * @par Example
 * @snippet family.c packet
 * @since 0.1.0
 */
SOCK_API int sock_addr_get_packet(const sock_addr_t *a, sock_packet_t *parts);

/**
 * @brief Parts of an AF_VSOCK address.
 *
 * Corresponds to Python's ``(cid, port)`` for AF_VSOCK, taken apart.
 *
 * @param[in]  a      Address.
 * @param[out] parts  Its items.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family and for NULL; the remembered error of a bad
 * address.
 * @see sock_addr_vsock(), sock_addr_repr().
 * @par Example
 * @snippet family.c vsock
 * @since 0.1.0
 */
SOCK_API int sock_addr_get_vsock(const sock_addr_t *a, sock_vsock_t *parts);

/**
 * @brief Parts of an AF_CAN address.
 *
 * Corresponds to Python's tuples for AF_CAN, taken apart.
 *
 * @param[in]  a      Address.
 * @param[out] parts  Its items.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family and for NULL; the remembered error of a bad
 * address.
 * @see sock_addr_can(), sock_addr_can_isotp(), sock_addr_can_j1939(),
 *      sock_addr_repr().
 * @par Example
 * @snippet family.c isotp
 * @since 0.1.0
 */
SOCK_API int sock_addr_get_can(const sock_addr_t *a, sock_can_t *parts);

/**
 * @brief Parts of an AF_TIPC address.
 *
 * Corresponds to Python's ``(addr_type, v1, v2, v3, scope)`` for AF_TIPC, taken
 * apart.
 *
 * @param[in]  a      Address.
 * @param[out] parts  Its items.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family and for NULL; the remembered error of a bad
 * address.
 * @see sock_addr_tipc(), sock_addr_repr().
 * @par Example
 * @snippet family.c tipc
 * @since 0.1.0
 */
SOCK_API int sock_addr_get_tipc(const sock_addr_t *a, sock_tipc_t *parts);

/**
 * @brief Parts of an AF_ALG address.
 *
 * Corresponds to Python's ``(type, name, feat, mask)`` for AF_ALG, taken apart.
 *
 * @param[in]  a      Address.
 * @param[out] parts  Its items.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family and for NULL; the remembered error of a bad
 * address.
 * @see sock_addr_alg(), sock_addr_repr().
 * @par Example
 * @snippet family.c alg
 * @since 0.1.0
 */
SOCK_API int sock_addr_get_alg(const sock_addr_t *a, sock_alg_t *parts);

/**
 * @brief Parts of an AF_QIPCRTR address.
 *
 * Corresponds to Python's ``(node, port)`` for AF_QIPCRTR, taken apart.
 *
 * @param[in]  a      Address.
 * @param[out] parts  Its items.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family and for NULL; the remembered error of a bad
 * address.
 * @see sock_addr_qipcrtr(), sock_addr_repr().
 * @par Example
 * @snippet family.c qipcrtr
 * @since 0.1.0
 */
SOCK_API int sock_addr_get_qipcrtr(const sock_addr_t *a, sock_qipcrtr_t *parts);

/**
 * @brief Parts of an AF_BLUETOOTH address.
 *
 * Corresponds to Python's tuples for AF_BLUETOOTH, taken apart.
 *
 * @param[in]  a      Address.
 * @param[out] parts  Its items.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family and for NULL; the remembered error of a bad
 * address.
 * @see sock_addr_bluetooth_rfcomm(), sock_addr_bluetooth_l2cap(),
 *      sock_addr_repr().
 * @par Example
 * @snippet family.c rfcomm
 * @since 0.1.0
 */
SOCK_API int sock_addr_get_bluetooth(const sock_addr_t *a,
                                     sock_bluetooth_t *parts);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
