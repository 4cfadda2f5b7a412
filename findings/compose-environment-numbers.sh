#!/usr/bin/env bash
# Tool: docker compose 2.40.3 (Debian package docker-compose 2.40.3-3).
# Guess: a number in `environment` reaches the container as it is written in the file.
# Really: the number is read first and printed again in another form, with no warning: 1000000.0
# becomes 1e+06, and 0o17 becomes 15. The list form (`- N=1000000.0`) keeps the text.
# Why it matters: the map form and the list form look equal, but a program that reads a whole
# number or a file mode from its environment gets another text. Quotes avoid it.
set -euo pipefail

version=2.40.3-3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp"/{state/lists/partial,cache/archives/partial,project,root}

# The machine's own Debian mirror, with the suite sid.
mirror=$(apt-get indextargets --format '$(SITE)' | grep -v security | sort -u | head -n 1)
signed=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$signed] $mirror sid main" > "$tmp/sources.list"
apt=(apt-get -q -o Dir::State="$tmp/state" -o Dir::State::status=/var/lib/dpkg/status
    -o Dir::Cache="$tmp/cache" -o Dir::Etc::sourcelist="$tmp/sources.list"
    -o Dir::Etc::sourceparts=/dev/null -o Acquire::Languages=none -o APT::Sandbox::User=root)
"${apt[@]}" update > "$tmp/log" 2>&1 || { cat "$tmp/log"; exit 1; }
(cd "$tmp" && "${apt[@]}" download "docker-compose=$version" > log 2>&1) || { cat "$tmp/log"; exit 1; }
dpkg-deb -x "$tmp"/docker-compose_*.deb "$tmp/root"
compose=$tmp/root/usr/libexec/docker/cli-plugins/docker-compose
"$compose" version
cd "$tmp/project"
failed=0
check() { # the environment in the file, the value that compose keeps
    printf 'services:\n  a:\n    image: example\n    environment: %s\n' "$1" > compose.yaml
    "$compose" -f compose.yaml config --format json > out.json 2> err.txt
    local got
    got=$(python3 -c 'import json; print(json.load(open("out.json"))["services"]["a"]["environment"]["N"])')
    printf 'environment: %-20s -> %s\n' "$1" "$got"
    if [[ $got != "$2" ]]; then echo "CHANGED: expected $2"; failed=1; fi
    if [[ -s err.txt ]]; then echo "CHANGED: it now prints a message:"; cat err.txt; failed=1; fi
}
check '{N: 1000000.0}' '1e+06'
check '[N=1000000.0]' '1000000.0'
check '{N: "1000000.0"}' '1000000.0'
check '{N: 0o17}' '15'
check '[N=0o17]' '0o17'
exit "$failed"
