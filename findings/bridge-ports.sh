#!/usr/bin/env bash
# Program: Linux 6.18 (the running kernel), the bridge driver; iproute2's `ip`.
# Guess: a bridge connects as many links as there is memory and names for.
# Really: the 1,024th is refused with EXFULL ("Exchange full"). A bridge numbers its ports with ten bits, and
# number 0 is no port (net/bridge/br_private.h, BR_PORT_BITS; br_if.c, find_portno).
# Why it matters: no network of containers on one bridge has more than 1,023 of them, whatever its subnet
# has room for.
set -euo pipefail

exec unshare --net bash -euo pipefail -c '
    ip link add br0 type bridge
    for number in $(seq 1 1023); do
        echo "link add a$number type veth peer name b$number"
        echo "link set a$number master br0"
    done | ip -batch -
    echo "links on the bridge: $(ip -oneline link show master br0 | wc -l)"
    ip link add last type veth peer name other
    if message=$(ip link set last master br0 2>&1); then
        echo "one more is taken: the finding does not hold here"
        exit 1
    fi
    echo "one more: $message"
'
