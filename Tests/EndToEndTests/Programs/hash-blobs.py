"""Holds the name of every blob of a store against the SHA-256 of its bytes; prints how many."""

import hashlib
import pathlib
import sys

blobs = sorted(pathlib.Path(sys.argv[1], "blobs", "sha256").iterdir())
wrong = [b.name for b in blobs if hashlib.sha256(b.read_bytes()).hexdigest() != b.name]
print(len(blobs))
sys.exit(f"other bytes than their names: {wrong}" if wrong else 0)
