#!/usr/bin/env python3
"""Writes the small samples of every format that importers are tested on, with the standard library only.

usage: make.py DIRECTORY
"""
import base64
import gzip
import json
import struct
import sys
from pathlib import Path

out = Path(sys.argv[1])
REQUEST = '{"id":"a%d","x":[1,2.5]}'
ANSWER = '{"y":%d}'


def har():
    entries = []
    for n in range(2):
        entries.append({
            "startedDateTime": f"2024-03-01T12:00:0{n}.250Z", "time": 12.5,
            "request": {"method": "POST", "url": "https://svc.example/score?v=1", "httpVersion": "h2",
                        "headers": [{"name": ":method", "value": "POST"},
                                    {"name": "content-type", "value": "application/json"},
                                    {"name": "content-length", "value": "999"}],
                        "postData": {"mimeType": "application/json", "text": REQUEST % n}},
            "response": {"status": 200, "statusText": "OK", "httpVersion": "h2",
                         "headers": [{"name": "content-encoding", "value": "gzip"},
                                     {"name": "content-type", "value": "application/json"}],
                         "content": {"size": 7, "mimeType": "application/json", "text": ANSWER % n}},
            "cache": {}, "timings": {"blocked": -1, "send": 0.5, "wait": 10, "receive": 2}})
    entries.append({
        "startedDateTime": "2024-03-01T12:00:02Z", "time": 1,
        "request": {"method": "GET", "url": "https://svc.example/logo", "headers": []},
        "response": {"status": 200, "statusText": "", "headers": [],
                     "content": {"size": 3, "text": base64.b64encode(b"\x89\x00\xff").decode(),
                                 "encoding": "base64"}},
        "timings": {"send": 0, "wait": 1, "receive": 0}})
    text = json.dumps({"log": {"version": "1.2", "pages": [{"id": "]}"}], "entries": entries}}, indent=1)
    (out / "sample.har").write_text("\ufeff" + text, encoding="utf-8")


def vcr():
    packed = base64.b64encode(gzip.compress((ANSWER % 1).encode(), mtime=0)).decode()
    (out / "vcrpy.yaml").write_text(f"""interactions:
- request:
    body: '{REQUEST % 0}'
    headers:
      Content-Type:
      - application/json
    method: POST
    uri: http://svc.example:8080/score
  response:
    body:
      string: '{ANSWER % 0}'
    headers:
      Date:
      - Fri, 01 Mar 2024 12:00:00 GMT
    status:
      code: 200
      message: OK
- request:
    body: null
    headers: {{}}
    method: GET
    uri: http://svc.example:8080/packed
  response:
    body:
      string: !!binary |
        {packed}
    headers:
      Content-Encoding:
      - gzip
    status:
      code: 200
      message: OK
version: 1
""")
    (out / "parsed.yaml").write_text("""interactions:
- request:
    headers:
      content-type:
      - application/json
    method: POST
    parsed_body:
      id: a0
      x:
      - 1
      - 2.5
      flag: true
      none: null
      code: '007'
    uri: https://svc.example/score
  response:
    headers:
      content-encoding:
      - gzip
    parsed_body:
      y: 0
    status:
      code: 200
      message: OK
version: 1
""")
    (out / "ruby.yaml").write_text("""---
http_interactions:
- request:
    method: get
    uri: http://svc.example/score
    body:
      encoding: US-ASCII
      string: ''
    headers:
      Accept:
      - "*/*"
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - text/plain
    body:
      encoding: UTF-8
      base64_string: eWVz
    http_version: '1.1'
  recorded_at: Fri, 01 Mar 2024 12:00:00 GMT
recorded_with: VCR 2.4.0
""")


def sagemaker():
    lines = []
    for n in range(2):
        lines.append(json.dumps({
            "captureData": {
                "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT",
                                  "data": "1,2,3\n" if n == 0 else base64.b64encode(b"\x00\x01").decode(),
                                  "encoding": "CSV" if n == 0 else "BASE64"},
                "endpointOutput": {"observedContentType": "application/json", "mode": "OUTPUT",
                                   "data": ANSWER % n, "encoding": "JSON"}},
            "eventMetadata": {"eventId": f"e{n}", "inferenceId": f"i{n}",
                              "inferenceTime": f"2024-03-01T12:00:0{n}Z"},
            "eventVersion": "0"}))
    lines.append(json.dumps({
        "captureData": {"endpointInput": {"observedContentType": "text/csv", "data": "9", "encoding": "CSV"}},
        "eventMetadata": {"eventId": "e2", "inferenceTime": "2024-03-01T12:00:02Z"}, "eventVersion": "0"}))
    (out / "sagemaker.jsonl").write_text("\n".join(lines) + "\n")


def warc():
    def record(kind, name, block, concurrent=None, kind_of="application/http; msgtype="):
        head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{name}>\r\n"
        head += "WARC-Date: 2024-03-01T12:00:00Z\r\nWARC-Target-URI: http://svc.example/score\r\n"
        if concurrent:
            head += f"WARC-Concurrent-To: <urn:uuid:{concurrent}>\r\n"
        head += f"Content-Type: {kind_of}{kind if 'http' in kind_of else ''}\r\n"
        return f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"

    request = b"GET /score HTTP/1.1\r\nHost: svc.example\r\n\r\n"
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + (ANSWER % 0).encode()
    unchunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (ANSWER % 1).encode()
    data = record("warcinfo", "w", b"software: test\r\n", kind_of="application/warc-fields")
    data += record("response", "b", response, "a") + record("request", "a", request)
    data += record("request", "c", request.replace(b"score", b"other")) + record("response", "d", unchunked)
    data += record("dns", "e", b"x", kind_of="text/dns")
    (out / "foreign.warc").write_bytes(data)


def tnet(value):
    if value is None:
        return b"0:~"
    if isinstance(value, bool):
        data, kind = str(value).lower().encode(), b"!"
    elif isinstance(value, int):
        data, kind = str(value).encode(), b"#"
    elif isinstance(value, float):
        data, kind = repr(value).encode(), b"^"
    elif isinstance(value, str):
        data, kind = value.encode(), b";"
    elif isinstance(value, bytes):
        data, kind = value, b","
    elif isinstance(value, (list, tuple)):
        data, kind = b"".join(map(tnet, value)), b"]"
    else:
        data, kind = b"".join(tnet(k) + tnet(v) for k, v in value.items()), b"}"
    return str(len(data)).encode() + b":" + data + kind


def mitmproxy():
    flows = b""
    for n in range(2):
        flows += tnet({
            "type": "http", "version": 18 + 3 * n, "websocket": None, "error": None,
            "request": {"method": b"POST", "scheme": b"https", "host": "svc.example", "port": 8443,
                        "authority": b"", "path": b"/score", "http_version": b"HTTP/2.0",
                        "headers": [(b"content-type", b"application/json"),
                                    (b"transfer-encoding", b"chunked")],
                        "content": (REQUEST % n).encode(), "trailers": None,
                        "timestamp_start": 1709294400.25 + n, "timestamp_end": 1709294400.26 + n},
            "response": {"status_code": 200, "reason": b"OK", "http_version": b"HTTP/2.0",
                         "headers": [(b"content-encoding", b"gzip")],
                         "content": gzip.compress((ANSWER % n).encode(), mtime=0), "trailers": None,
                         "timestamp_start": 1709294400.3 + n, "timestamp_end": 1709294400.35 + n}})
    flows += tnet({"type": "tcp", "version": 18, "messages": []})
    (out / "flows.mitm").write_bytes(flows)


def kserve():
    def event(n, kind, body, time):
        return {"specversion": "1.0", "id": f"id-{n}", "source": "http://localhost:9081/", "time": time,
                "type": f"org.kubeflow.serving.inference.{kind}", "datacontenttype": "application/json",
                "inferenceservicename": "iris", "namespace": "default", "data": body}

    ask = {"instances": [[6.8, 2.8, 4.8, 1.4]]}
    events = [event(0, "request", ask, "2024-03-01T12:00:00.1Z"),
              event(1, "response", {"predictions": [1]}, "2024-03-01T12:00:00.4Z"),
              event(0, "response", {"predictions": [1]}, "2024-03-01T12:00:00.2Z"),
              event(1, "request", ask, "2024-03-01T12:00:00.3Z"),
              event(2, "request", ask, "2024-03-01T12:00:00.5Z")]
    (out / "kserve.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events))
    http = b""
    for e in events[:3]:
        body = json.dumps(e["data"]).encode()
        http += (f"POST / HTTP/1.1\r\nHost: sink\r\nCe-Specversion: 1.0\r\nCe-Id: {e['id']}\r\n"
                 f"Ce-Type: {e['type']}\r\nCe-Time: {e['time']}\r\nCe-Source: x\r\n"
                 f"Ce-Inferenceservicename: iris\r\nContent-Type: application/json\r\n"
                 f"Content-Length: {len(body)}\r\n\r\n").encode() + body
    (out / "kserve.http").write_bytes(http)


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0x82F63B78 if value & 1 else value >> 1
    return value ^ 0xFFFFFFFF


def prediction_log():
    def varint(n):
        data = b""
        while n > 127:
            data += bytes([n & 127 | 128])
            n >>= 7
        return data + bytes([n])

    def field(number, data):
        if isinstance(data, int):
            return varint(number << 3) + varint(data)
        return varint(number << 3 | 2) + varint(len(data)) + data

    def tensor(dtype, shape, values):
        return field(1, dtype) + field(2, b"".join(field(2, field(1, n)) for n in shape)) + values

    def named(number, name, value):
        return field(number, field(1, name) + field(2, value))

    def masked(data):
        value = crc32c(data)
        return struct.pack("<I", ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF)

    data = b""
    for n in range(2):
        spec = field(1, b"iris") + field(2, field(1, 3)) + field(3, b"serving_default")
        floats = struct.pack("<4f", 6.8, 2.8, 4.8, 1.4)
        x = tensor(1, [1, 4], field(4, floats) if n == 0 else field(5, floats))
        name = tensor(7, [1], field(8, b"a\xffb" if n else b"a"))
        request = field(1, spec) + named(2, b"x", x) + named(2, b"name", name)
        answer = named(1, b"y", tensor(9, [1], field(10, varint(n))))
        log = field(1, field(4, 1709294400 + n)) + field(6, field(1, request) + field(2, answer))
        size = struct.pack("<Q", len(log))
        data += size + masked(size) + log + masked(log)
    (out / "prediction.tfrecord").write_bytes(data)


def envoy():
    def headers(pairs):
        return [{"key": k, "value": v} for k, v in pairs]

    def body(text, truncated=False):
        return {"truncated": truncated, "as_bytes": base64.b64encode(text.encode()).decode()}

    ask = headers([(":authority", "svc"), (":path", "/score"), (":method", "POST"), (":scheme", "http")])
    answer = headers([(":status", "200"), ("date", "Fri, 01 Mar 2024 12:00:00 GMT")])
    values = [{"http_buffered_trace": {
        "request": {"headers": ask, "body": body(REQUEST % n), "trailers": []},
        "response": {"headers": answer, "body": body(ANSWER % n, n == 1), "trailers": []}}} for n in range(2)]
    for part in [{"request_headers": {"headers": ask}}, {"request_body_chunk": body(REQUEST % 2)},
                 {"response_headers": {"headers": answer + headers([("content-length", "7")])}},
                 {"response_body_chunk": body('{"y"')},
                 {"response_body_chunk": body(":2}")}]:
        values.append({"http_streamed_trace_segment": {"trace_id": "7", **part}})
    (out / "tap.json").write_text("\n".join(json.dumps(v, indent=1) for v in values) + "\n")


def vegeta():
    (out / "targets.vegeta.json").write_text(json.dumps({
        "method": "POST", "url": "http://svc.example/score", "header": {"X-User": ["u1"]},
        "body": base64.b64encode((REQUEST % 0).encode()).decode()}) + "\n")


for write in (har, vcr, sagemaker, warc, mitmproxy, kserve, prediction_log, envoy, vegeta):
    write()
