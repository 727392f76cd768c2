"""A small HTTP/1.1 service for the tests of replay; what it does wrong is named by its arguments.

usage: service.py PORT [key=value ...]
"""

import gzip
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

port = int(sys.argv[1])
options = dict(word.split("=", 1) for word in sys.argv[2:])
mode = options.get("mode", "good")

if mode == "dies-early":
    print("could not load the model", file=sys.stderr)
    sys.exit(3)
if mode == "never-ready":
    print("still warming up", flush=True)
    signal.pause()
if mode == "port-taken":
    # Says that the port is taken on its first start only, as a race for a port would.
    marker = os.path.join(options["directory"], "started-once")
    if not os.path.exists(marker):
        open(marker, "w").close()
        sys.exit("OSError: [Errno 98] Address already in use")
if mode == "floods":
    line = "x" * 1000 + "\n"
    for _ in range(8000):
        sys.stdout.write(line)
    sys.stdout.flush()
if mode == "ignores-term":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if mode == "forks":
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)

# The order of a set of strings belongs to the process: it follows the hash seed.
order = list({"alpha", "beta", "gamma", "delta", "epsilon"})
served = 0


def call_egress(target, headers):
    variable = options.get("egress")
    if not variable:
        return None
    request = urllib.request.Request(os.environ[variable] + target)
    if "traceparent" in headers and options.get("propagate", "yes") == "yes":
        request.add_header("traceparent", headers["traceparent"])
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return {"failed": error.code, "why": error.read().decode()}


def through_stub(call):
    """Says something odd to the stub of a dependency, as to a proxy; gives the line it answers."""
    host, port = os.environ[options["egress"]].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 5) as stub:
        stub.sendall(call.encode())
        return stub.makefile("rb").readline().decode().strip()


def answer(method, target, headers, body):
    global served
    if target == "/healthz":
        return 200, {"ok": True}
    served += 1
    if target.endswith("/crash") and mode == "crashes":
        os._exit(7)
    if target.endswith("/hang") and mode == "hangs":
        time.sleep(600)
    if target.endswith("/garbage") and mode == "garbage":
        return None
    if mode in ("half", "huge", "drips", "says-too-much", "says-too-little") and "/odd" in target:
        return mode
    if mode == "slams":
        return "slams"
    result = {"path": target, "echo": body.decode(), "score": float(options.get("score", "0.5"))}
    if mode == "hash-order":
        result["tags"] = order
    if mode == "hash-number":
        result["score"] = hash("score") % 1000 / 1000
    if mode == "hoards" and "/odd" in target:
        result["hoard"] = len(bytearray(os.urandom(1 << 20)) * 400)
    if mode == "fills":
        result["wrote"] = fill(os.environ["HOME"])
    if mode == "random":
        result["nonce"] = os.urandom(8).hex()
    if "email" in options:
        result["user"] = {name: options[name] for name in ("email", "name", "phone")}
    if mode == "echoes" or mode == "echoes-and-dies":
        given = headers.get(options["header"], "nothing")
        result["given"] = given
        result["split"] = given.split(" ")[-1]
        result["isKnown"] = given != "nothing"
        print("was given", given, flush=True)
        if mode == "echoes-and-dies":
            os._exit(9)
    if mode == "environment":
        result["environment"] = dict(os.environ)
    if mode == "writes":
        try:
            open(options["outside"], "w").close()
            result["wrote"] = True
        except OSError as error:
            result["wrote"] = False
        open(os.path.join(os.environ["HOME"], "mine"), "w").close()
        open("/tmp/private-to-the-arm", "w").close()
    if mode == "wants-out":
        place = options["dependency"]
        result["out"] = [
            through_stub(f"GET http://{place}/features HTTP/1.1\r\nHost: {place}\r\n\r\n"),
            through_stub(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n"),
            through_stub(f"GET /features?out HTTP/1.1\r\nHost: {place}\r\n\r\n"),
        ]
    features = call_egress(options.get("ask", "/features?id=") + target.rsplit("/", 1)[-1], headers)
    if features is not None:
        result["features"] = features
    return 200, result


def fill(directory):
    """Writes until there is no more room; gives the megabytes that were taken."""
    block = b"x" * (1 << 20)
    with open(os.path.join(directory, "block"), "wb", buffering=0) as file:
        for count in range(4096):
            try:
                file.write(block)
            except OSError:
                return count
    return 4096


def misbehave(connection, how):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
    try:
        if how == "half":
            connection.sendall(head + b"100\r\n\r\n{\"half\":")
        if how == "says-too-much":
            connection.sendall(head + b"100\r\n\r\n{}")
            time.sleep(600)
        if how == "says-too-little":
            connection.sendall(head + b"2\r\n\r\n{}{\"more\": 1}")
        if how == "huge":
            connection.sendall(head + str(2 << 30).encode() + b"\r\n\r\n")
            for _ in range(2048):
                connection.sendall(b"x" * (1 << 20))
        if how == "drips":
            connection.sendall(head + b"600\r\n\r\n")
            for _ in range(600):
                connection.sendall(b"x")
                time.sleep(1)
    except OSError:
        pass


def serve(connection):
    stream = connection.makefile("rb")
    while True:
        line = stream.readline()
        if not line:
            break
        method, target, _ = line.decode().split(" ", 2)
        headers = {}
        while True:
            line = stream.readline().decode().strip()
            if not line:
                break
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
        result = answer(method, target, headers, body)
        if result is None:
            connection.sendall(b"this is not HTTP\r\n\r\n")
            break
        if isinstance(result, str):
            misbehave(connection, result)
            break
        status, value = result
        payload = json.dumps(value).encode()
        if mode == "cuts" and target != "/healthz":
            payload = payload[:-1]
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n"
        if mode == "echoes":
            head += f"X-Given: {headers.get(options['header'], '')}\r\n"
        if mode == "zips":
            payload = gzip.compress(payload, mtime=0)
            head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {len(payload)}\r\n"
        if mode == "closes":
            head += "Connection: close\r\n"
        connection.sendall(head.encode() + b"\r\n" + payload)
        if mode in ("closes", "closes-silently"):
            break
    connection.close()


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", port))
listener.listen(128)
print("listening", flush=True)
while True:
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
