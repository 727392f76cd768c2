"""A client of the service for the end-to-end tests: PORT COUNT; prints one score a line."""

import json
import sys
import urllib.request

port, count = int(sys.argv[1]), int(sys.argv[2])
for number in range(count):
    order = {"id": f"r{number}", "amount": number, "currency": ("EUR", "USD", "GBP")[number % 3]}
    headers = {
        "content-type": "application/json",
        "x-user": f"u{number}",
        "traceparent": f"00-{number + 1:032x}-{number + 1:016x}-01",
    }
    url = f"http://127.0.0.1:{port}/score"
    request = urllib.request.Request(url, json.dumps(order).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        print(json.loads(answer.read())["score"])
