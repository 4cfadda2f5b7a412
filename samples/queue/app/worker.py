"""Takes one job after the other. SIGTERM ends it after the job at hand; what a killed one left, the others do."""

import json
import os
import signal
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from jobs import ALIVE, DONE, TAKEN, WAITING, connect, log

NAME = socket.gethostname()  # the container's identifier, as `berth ps` has it
SECONDS = float(os.environ["SECONDS_PER_JOB"])

stopping = threading.Event()
state = {"worker": NAME, "done": 0, "job": None}


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        body = (json.dumps(state) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def take_back(store):
    """Puts the jobs of workers that are no more before the others."""
    for key in store.scan_iter(TAKEN + "*"):
        if not store.exists(ALIVE + key.removeprefix(TAKEN)) and (job := store.lmove(key, WAITING, "LEFT", "RIGHT")):
            log(msg="taken back", job=int(job))


def work(store):
    mine = TAKEN + NAME
    store.delete(ALIVE + NAME)  # what it had before it was started again is taken back as well
    take_back(store)
    while not stopping.is_set():
        store.set(ALIVE + NAME, 1, px=int(1000 * (SECONDS + 3)))
        take_back(store)
        job = store.blmove(WAITING, mine, 1, "RIGHT", "LEFT")
        if job is None:
            continue
        state["job"] = int(job)
        begin = time.monotonic()
        time.sleep(SECONDS)  # the work
        # Done, and no longer taken: both or neither.
        store.pipeline().hincrby(DONE, NAME, 1).lrem(mine, 1, job).execute()
        state.update(job=None, done=state["done"] + 1)
        log(msg="done", job=int(job), seconds=round(time.monotonic() - begin, 2))


def main():
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    threading.Thread(target=ThreadingHTTPServer(("", 9000), Page).serve_forever, daemon=True).start()
    log(msg="waiting for jobs", worker=NAME)
    work(connect())
    log(msg="ends, all that it took is done", done=state["done"])


main()
