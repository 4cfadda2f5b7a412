#!/usr/bin/env bash
# Tool: docker compose 2.40.3 (Debian package docker-compose 2.40.3-3).
# Guess: a `command` given as one string is split into words, as a shell splits them, and no word
# is lost; or a character that it cannot handle is an error.
# Really: an unquoted `|`, `&` or `;` ends the command. The rest is dropped with no
# warning and exit status 0.
# Why it matters: an unquoted URL with `&` loses the rest of its query and all later options. The
# container then starts with fewer arguments than the file shows.
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
check() { # the command in the file, the words that compose keeps as JSON
    printf 'services:\n  a:\n    image: example\n    command: %s\n' "$1" > compose.yaml
    "$compose" -f compose.yaml config --format json > out.json 2> err.txt
    local got
    got=$(python3 -c 'import json; print(json.dumps(json.load(open("out.json"))["services"]["a"]["command"]))')
    printf 'command: %-45s -> %s\n' "$1" "$got"
    if [[ $got != "$2" ]]; then echo "CHANGED: expected $2"; failed=1; fi
    if [[ -s err.txt ]]; then echo "CHANGED: it now prints a message:"; cat err.txt; failed=1; fi
}
check 'fetch http://h/?a=1&b=2 --retry 3' '["fetch", "http://h/?a=1"]'
check 'echo one; echo two' '["echo", "one"]'
check 'echo one | wc -l' '["echo", "one"]'
check 'fetch "http://h/?a=1&b=2" --retry 3' '["fetch", "http://h/?a=1&b=2", "--retry", "3"]'
exit "$failed"
