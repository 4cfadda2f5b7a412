#!/usr/bin/env bash
# Program: Linux 6.18 (the running kernel), nftables 1.0.6; iproute2, Python 3.
# Guess: a server is reached equally well by its own address and by a port that is redirected to it (dnat, and masquerade
# for what comes from 127.0.0.1), also when a client uses first the one way and then the other.
# Really: some connections of the second way take a second or more: 60 to 80 of 24,000 here, and 100 of 5,000 once clients
# go on. The server that closes a connection remembers it for 60 s, and when many are remembered, translation gives new
# connections the addresses and numbers of such ones. The server then compares time stamps, which the kernel begins
# somewhere else for each pair of addresses that the client sees; where the new connection looks older than the remembered
# one, its SYN is dropped (the server's counter PAWSTimewait) and sent again a second later.
# Why it matters: whoever measures "direct" and "through the port" one after the other against one server, with a
# connection for each request, measures these seconds. Our port seemed eleven times slower than it is, and so did podman's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PY'
import socket, subprocess, sys, threading, time

SERVER = """
import selectors, socket
waiting = selectors.DefaultSelector()
for number in (80, 81):
    waiting.register(socket.create_server(("0.0.0.0", number), backlog=512), selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in waiting.select():
        client = key.fileobj.accept()[0]; client.recv(10); client.send(b"y"); client.close()
"""
DIRECT = {80: ("10.99.7.2", 80), 81: ("10.99.7.2", 81)}
REDIRECTED = {80: ("127.0.0.1", 8080), 81: ("127.0.0.1", 8081)}


def ask(where, count):
    """Makes connections until the server has ended them; how many took more than 0.9 s."""
    slow = []

    def work():
        for _ in range(count // 8):
            begun = time.monotonic()
            with socket.create_connection(where, 20) as client:
                client.send(b"x")
                while client.recv(1): pass
            if time.monotonic() - begun > 0.9:
                slow.append(where)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(slow)


server = subprocess.Popen([*sys.argv[1:], sys.executable, "-c", SERVER], stdout=subprocess.PIPE)
try:
    server.stdout.readline()
    first = ask(DIRECT[80], 24000)
    later = ask(REDIRECTED[80], 24000)
    first += ask(REDIRECTED[81], 24000)
    back = ask(DIRECT[81], 24000)
finally:
    server.kill()
    server.wait()
print(f"slow: {first} of 48000 of the first way, {later} of 24000 of the port after direct, "
      f"{back} of 24000 of direct after the port")
if first > 0 or later + back == 0:
    sys.exit("the finding does not hold here")
PY
export folder
exec_in_namespace='
    mount -t tmpfs none /run
    ip netns add server
    ip link set lo up
    ip link add outer type veth peer name inner netns server
    ip addr add 10.99.7.1/24 dev outer
    ip link set outer up
    ip -n server link set lo up
    ip -n server addr add 10.99.7.2/24 dev inner
    ip -n server link set inner up
    echo 1 > /proc/sys/net/ipv4/conf/outer/route_localnet
    nft -f - <<NFT
table ip ways {
    chain output {
        type nat hook output priority -100
        ip daddr 127.0.0.1 tcp dport 8080 dnat to 10.99.7.2:80
        ip daddr 127.0.0.1 tcp dport 8081 dnat to 10.99.7.2:81
    }
    chain postrouting { type nat hook postrouting priority 100; oifname "outer" ip saddr 127.0.0.0/8 masquerade; }
}
NFT
    nft --version
    python3 "$folder/try.py" ip netns exec server
'
unshare --mount --net bash -euo pipefail -c "$exec_in_namespace"
