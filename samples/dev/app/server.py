"""A page from a template, which is read anew for each request: GET /?name=NAME."""

import signal
import sys
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, urlparse

from greeting import greeting

HERE = Path(__file__).parent
WORDS = (HERE / "words.txt").read_text().split()


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlparse(self.path)
        if url.path == "/healthz":
            return self.answer(200, "ok\n")
        if url.path != "/":
            return self.answer(404, "there is only /\n")
        name = parse_qs(url.query).get("name", [""])[0]
        template = Template((HERE / "templates" / "page.html").read_text())
        self.answer(200, template.substitute(greeting=escape(greeting(name)), words=", ".join(WORDS)))

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        if self.path != "/healthz":
            print(format % arguments, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"serving on port 8000, with {len(WORDS)} words", flush=True)
    ThreadingHTTPServer(("", 8000), Page).serve_forever()
