"""Counts visits in PostgreSQL: GET / tells how many there were."""

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from database import connect


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/healthz":
            with connect() as connection, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return self.answer({"ok": True})
        connection = connect()
        with connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO visits (path) VALUES (%s)", (self.path,))
            cursor.execute("SELECT count(*) FROM visits")
            visits = cursor.fetchone()[0]
        connection.close()
        self.answer({"visits": visits})

    def answer(self, document):
        body = (json.dumps(document) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        if self.path != "/healthz":
            print(json.dumps({"level": "info", "path": self.path, "status": arguments[1]}), flush=True)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(json.dumps({"level": "info", "msg": "serving on port 8000"}), flush=True)
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
