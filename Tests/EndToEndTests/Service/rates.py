"""A dependency of the service for the end-to-end tests: GET /rate?currency=X answers {"rate": n}.

It takes a free port and prints it.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

RATES = {"EUR": 1.0, "USD": 1.25, "GBP": 0.75}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        currency = parse_qs(urlsplit(self.path).query)["currency"][0]
        body = json.dumps({"rate": RATES[currency]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
