#!/usr/bin/env bash
# Library: SQLite 3.54.1, as the Python package apsw 3.54.1.0 has it.
# Guess: `PRAGMA journal_mode=WAL` waits for another writer as long as the connection's busy time-out
# says, as every other statement that writes does.
# Really: while another connection has a write transaction, it fails with SQLITE_BUSY at once. An
# INSERT at the same moment waits until the time-out. Beside a connection that only reads, the
# pragma waits, too.
# Why it matters: programs that open a new database at the same moment and switch it to WAL fail
# now and then, however long their time-out is. They have to try again by themselves.
set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
    --target "$tmp/lib" 'apsw==3.54.1.0'
PYTHONPATH="$tmp/lib" python3 - "$tmp" << 'PYTHON'
import os, sys, time
import apsw

TIMEOUT = 2.0  # seconds
failed = False


def trial(name, beside, statement):
    """The seconds until `statement` is refused while another connection is in `beside`."""
    path = os.path.join(sys.argv[1], name + ".db")
    first, second = apsw.Connection(path), apsw.Connection(path)
    first.execute("CREATE TABLE t (x)")
    second.set_busy_timeout(int(TIMEOUT * 1000))
    for line in beside:
        list(first.execute(line))
    start = time.monotonic()
    try:
        list(second.execute(statement))
    except apsw.BusyError:
        return time.monotonic() - start
    return None


def check(name, beside, statement, waits):
    global failed
    seconds = trial(name, beside, statement)
    shown = "not refused" if seconds is None else f"refused after {seconds:.1f} s"
    print(f"{statement!r} beside {beside!r}: {shown}")
    if seconds is None or (seconds > TIMEOUT * 0.9) != waits:
        print("CHANGED: expected", "to wait for the time-out" if waits else "to be refused at once")
        failed = True


print("SQLite", apsw.sqlite_lib_version(), "- time-out", TIMEOUT, "s")
check("a", ["BEGIN IMMEDIATE"], "INSERT INTO t VALUES (1)", waits=True)
check("b", ["BEGIN IMMEDIATE"], "PRAGMA journal_mode=WAL", waits=False)
check("c", ["BEGIN", "SELECT * FROM t"], "PRAGMA journal_mode=WAL", waits=True)
sys.exit(failed)
PYTHON
