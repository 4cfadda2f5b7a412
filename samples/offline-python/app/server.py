"""A web service of Python's standard library alone: notes that are kept in SQLite."""

import json
import os
import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DATABASE = os.environ.get("NOTES_DATABASE", "/data/notes.db")


def connect():
    database = sqlite3.connect(DATABASE)
    database.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    return database


class Notes(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/healthz":
            return self.answer(200, {"ok": True})
        if self.path != "/notes":
            return self.answer(404, {"error": "there are only /notes and /healthz"})
        with connect() as database:
            rows = database.execute("SELECT id, text FROM notes ORDER BY id").fetchall()
        self.answer(200, [{"id": number, "text": text} for number, text in rows])

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        text = self.rfile.read(min(length, 65536)).decode(errors="replace").strip()
        if self.path != "/notes" or not text:
            return self.answer(400, {"error": "POST a text to /notes"})
        with connect() as database:
            number = database.execute("INSERT INTO notes (text) VALUES (?)", (text,)).lastrowid
        self.answer(201, {"id": number, "text": text})

    def answer(self, status, value):
        body = (json.dumps(value) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    connect().close()
    print(f"notes: serving on port 8000, keeping them in {DATABASE}")
    ThreadingHTTPServer(("0.0.0.0", 8000), Notes).serve_forever()
