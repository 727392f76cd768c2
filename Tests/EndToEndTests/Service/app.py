"""A small scoring service for the end-to-end tests: standard library only.

POST /score {"id": "...", "amount": 12.5} answers {"id", "score", "decision"}; where RATES_URL names
the service of rates.py, the amount is taken at the rate of its "currency". The threshold stands in
config/model.json; WEIGHTS_FILE-like trouble is switched on by files beside this one:
`never-ready`, `die-after`, `slow`, so that a commit can carry the trouble.
"""

import json
import os
import pathlib
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
MODEL = json.loads((ROOT / "config" / "model.json").read_text())
WEIGHTS = json.loads((ROOT / "weights" / "weights.json").read_text())
answered = 0


def trouble(name: str) -> str | None:
    """The content of a trouble file, or None where there is none."""
    path = HERE / name
    return path.read_text().strip() if path.exists() else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        pass

    def answer(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        ready = self.path == "/healthz" and trouble("never-ready") is None
        self.answer(200 if ready else 503, {"ready": ready})

    def do_POST(self) -> None:
        global answered
        body = self.rfile.read(int(self.headers["content-length"]))
        answered += 1
        limit = trouble("die-after")
        if limit is not None and answered > int(limit):
            print("the service dies now, as the test wants", flush=True)
            os._exit(3)
        delay = trouble("slow")
        if delay is not None:
            time.sleep(float(delay))
        request = json.loads(body)
        rate = 1.0
        if os.environ.get("RATES_URL"):
            headers = {"traceparent": self.headers.get("traceparent", "")}
            url = f"{os.environ['RATES_URL']}/rate?currency={request.get('currency', 'EUR')}"
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as reply:
                rate = json.loads(reply.read())["rate"]
        score = round(WEIGHTS["bias"] + WEIGHTS["slope"] * request["amount"] * rate, 6)
        decision = "high" if score >= MODEL["threshold"] else "low"
        self.answer(200, {"id": request["id"], "score": score, "decision": decision})


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    port = int(sys.argv[sys.argv.index("--port") + 1])
    server = Server(("127.0.0.1", port), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
