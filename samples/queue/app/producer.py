"""POST a number to /jobs and so many jobs wait; GET /jobs tells how far they are and who has done them."""

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis

from jobs import DONE, TAKEN, WAITING, connect, log

store = connect()


def numbers():
    done = {name: int(count) for name, count in sorted(store.hgetall(DONE).items())}
    running = sum(store.llen(key) for key in store.scan_iter(TAKEN + "*"))
    return {"waiting": store.llen(WAITING), "running": running, "done": sum(done.values()), "by": done}


class Producer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.serve(self.read)

    def do_POST(self):
        self.serve(self.add)

    def serve(self, what):
        try:
            what()
        except redis.RedisError as error:
            self.answer(503, {"error": f"the queue does not answer: {error}"})

    def read(self):
        if self.path == "/healthz":
            return self.answer(200, {"ok": store.ping()})
        if self.path == "/jobs":
            return self.answer(200, numbers())
        self.answer(404, {"error": "there are only /jobs and /healthz"})

    def add(self):
        text = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 16))
        if self.path != "/jobs" or not text.isdigit() or not 0 < int(text) <= 10000:
            return self.answer(400, {"error": "POST a number from 1 to 10000 to /jobs"})
        count = int(text)
        last = store.incrby("jobs:number", count)
        store.lpush(WAITING, *range(last - count + 1, last + 1))
        log(msg="queued", jobs=count)
        self.answer(202, {"queued": count})

    def answer(self, status, document):
        body = (json.dumps(document) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass  # nginx has a line for each request


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
log(msg="serving on port 8000")
ThreadingHTTPServer(("", 8000), Producer).serve_forever()
