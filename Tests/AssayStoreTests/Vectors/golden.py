"""Cut points of FastCDC 2020 by numpy, independent of the C loop, over SplitMix64 streams.

usage: golden_fastcdc.py [--compare]    (needs numpy; --compare also pyfastcdc, up to 4 MiB)
"""
import hashlib, sys
import numpy as np

MASKS = [0] * 5 + [
    0x1804110, 0x1803110, 0x18035100, 0x1800035300, 0x19000353000, 0x590003530000, 0xd90003530000,
    0xd90103530000, 0xd90303530000, 0xd90313530000, 0xd90f03530000, 0xd90303537000, 0xd90703537000,
    0xd90707537000, 0xd91707537000, 0xd91747537000, 0xd91767537000, 0xd93767537000, 0xd93777537000,
    0xd93777577000, 0xdb3777577000, 0xdb7777577000, 0xdb7777777000, 0xdf7777777000]
GEAR = np.array([int.from_bytes(hashlib.md5(bytes([b]) * 64).digest()[:8], "big")
                 for b in range(256)], dtype=np.uint64)

def stream(seed, size):
    """SplitMix64, little-endian."""
    with np.errstate(over="ignore"):
        i = np.arange(1, (size + 7) // 8 + 1, dtype=np.uint64)
        z = np.uint64(seed) + i * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (z ^ (z >> np.uint64(31))).astype("<u8").view(np.uint8)[:size]

def first(data, start, stop, origin, mask):
    """The first index in start..<stop whose hash, begun at origin, meets the mask."""
    step = 8 << 20
    for low in range(start, stop, step):
        high = min(low + step, stop)
        begin = max(origin, low - 63)
        h = GEAR[data[begin:high]]
        for shift in (1, 2, 4, 8, 16, 32):
            moved = h.copy()
            moved[shift:] += h[:-shift] << np.uint64(shift)
            h = moved
        hits = np.nonzero((h[low - begin:] & np.uint64(mask)) == 0)[0]
        if len(hits):
            return low + int(hits[0])
    return None

def cuts(data, minimum, average, maximum):
    bits = average.bit_length() - 1
    position, lengths = 0, []
    while position < len(data):
        chunk = data[position:]
        end = min(len(chunk), maximum)
        cut = end
        if len(chunk) > minimum:
            low, center, high = minimum & ~1, min(average, end) & ~1, end & ~1
            at = first(chunk, low, center, low, MASKS[bits + 2])
            if at is None:
                at = first(chunk, max(center, low), high, low, MASKS[bits - 2])
            cut = end if at is None else at
        lengths.append(cut)
        position += cut
    return lengths

if __name__ == "__main__":
    for seed, size, average in [(1, 3_000_001, 1 << 18), (2, 40_000_000, 1 << 22),
                                (3, 100_000_003, 1 << 23), (4, 200_000_000, 1 << 24),
                                (5, 300_000_000, 1 << 26)]:
        data = stream(seed, size)
        lengths = cuts(data, average // 4, average, average * 4)
        if "--compare" in sys.argv and average <= 1 << 22:
            from pyfastcdc import FastCDC
            other = FastCDC(average, min_size=average // 4, max_size=average * 4,
                            normalized_chunking=2)
            assert [c.length for c in other.cut_buf(data.tobytes())] == lengths, "pyfastcdc differs"
        print(seed, size, average, lengths)
