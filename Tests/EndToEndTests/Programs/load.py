"""Sends requests to a port over four connections until they end; says `loaded` after some seconds, and
at last how many were answered, and how many of them six seconds before the end.

usage: load.py PORT SECONDS
"""
import http.client
import json
import sys
import threading
import time

port, seconds = int(sys.argv[1]), float(sys.argv[2])
answered = []


def work(number):
    link = http.client.HTTPConnection("127.0.0.1", port)
    count = 0
    try:
        while True:
            body = json.dumps({"worker": number, "count": count, "text": "x" * 200})
            link.request("POST", "/echo", body, {"Content-Type": "application/json"})
            if link.getresponse().read().decode() != body:
                sys.exit("an answer is not that of its request")
            answered.append(time.monotonic())
            count += 1
    except (OSError, http.client.HTTPException):
        pass


threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
for thread in threads:
    thread.start()
time.sleep(seconds)
print("loaded", flush=True)
for thread in threads:
    thread.join()
end = max(answered)
print(len(answered), sum(moment < end - 6 for moment in answered), flush=True)
