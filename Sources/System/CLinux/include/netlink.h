#pragma once
// Netlink as the kernel's own headers describe it: rtnetlink (links, addresses, routes) and
// nf_tables over nfnetlink. Encoding and decoding are Swift, in ContainerNetwork.
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netconf.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

/// Positions in `IFLA_INET_CONF` (linux/ip.h, which cannot stand beside netinet/ip.h).
static const uint16_t BERTH_IPV4_DEVCONF_ACCEPT_REDIRECTS = 4;
static const uint16_t BERTH_IPV4_DEVCONF_SEND_REDIRECTS = 6;
static const uint16_t BERTH_IPV4_DEVCONF_RP_FILTER = 8;
static const uint16_t BERTH_IPV4_DEVCONF_ROUTE_LOCALNET = 26;

/// The attribute of a bridge that bounds what it learns; Linux 6.8, younger than the headers.
static const uint16_t BERTH_IFLA_BR_FDB_MAX_LEARNED = 49;

/// Where a link's incoming packets are looked at before anything else (linux/pkt_sched.h).
static const uint32_t BERTH_TC_CLSACT = 0xFFFFFFF1U;
static const uint32_t BERTH_TC_CLSACT_HANDLE = 0xFFFF0000U;
static const uint32_t BERTH_TC_INGRESS = 0xFFFFFFF2U;

/// Families of nf_tables (linux/netfilter.h, which cannot stand beside netinet/in.h).
static const uint8_t BERTH_NFPROTO_INET = 1;
static const uint8_t BERTH_NFPROTO_IPV4 = 2;
static const uint8_t BERTH_NFPROTO_IPV6 = 10;
