"""Writes archives to the directory it is given: good-* must unpack, bad-* must be refused."""
import bz2, gzip, io, lzma, os, random, stat, struct, subprocess, sys, tarfile, zipfile

out = sys.argv[1]


def entry(name, data=b"x", kind=tarfile.REGTYPE, mode=0o644, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname = kind, mode, link
    info.size = len(data) if kind == tarfile.REGTYPE else 0
    return info, data


def tar(entries, form=tarfile.PAX_FORMAT):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data) if info.isreg() else None)
    return buffer.getvalue()


def save(name, data):
    with open(os.path.join(out, name), "wb") as file:
        file.write(data)


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c", "--check"], input=data, stdout=subprocess.PIPE, check=True).stdout


def zipped(entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in entries:
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()


random.seed(5)
noise = random.randbytes(300_000)
tree = [
    entry("./", kind=tarfile.DIRTYPE, mode=0o755),
    entry("./data/", kind=tarfile.DIRTYPE, mode=0o755),
    entry("./data/noise.bin", noise),
    entry("./run.sh", b"#!/bin/sh\n", mode=0o755),
    entry("./empty", b""),
    entry("./\u00e9t\u00e9.txt", b"summer\n"),
    entry("./data/link", kind=tarfile.SYMTYPE, link="../run.sh"),
]
good = tar(tree)
save("good.tar", good)
save("good.gnu.tar", tar(tree, tarfile.GNU_FORMAT))
save("good.tar.gz", gzip.compress(good))
save("good.tar.two-members.gz", gzip.compress(good[:5000]) + gzip.compress(good[5000:]))
save("good.tar.xz", lzma.compress(good))
save("good.tar.zst", zstd(good))
save("good.zip", zipped([
    ("data/", b"", stat.S_IFDIR | 0o755), ("data/noise.bin", noise, stat.S_IFREG | 0o644),
    ("run.sh", b"#!/bin/sh\n", stat.S_IFREG | 0o755), ("empty", b"", stat.S_IFREG | 0o644),
    ("\u00e9t\u00e9.txt", b"summer\n", stat.S_IFREG | 0o644),
    ("data/link", b"../run.sh", stat.S_IFLNK | 0o777)]))
save("hard-link.tar", tar([entry("a", b"one"), entry("b", kind=tarfile.LNKTYPE, link="a")]))

link = lambda name, target: entry(name, kind=tarfile.SYMTYPE, link=target)
hard = lambda name, target: entry(name, kind=tarfile.LNKTYPE, link=target)
bad = {
    "absolute": [entry("/tmp/assay-was-here")],
    "dotdot": [entry("../assay-was-here")],
    "dotdot-inside": [entry("a/../../assay-was-here")],
    "dot-inside": [entry("a/./b")],
    "symlink-absolute": [link("a", "/etc")],
    "symlink-out": [link("a", "../..")],
    "symlink-empty": [link("a", "")],
    "symlink-control": [link("a", "b\n")],
    "symlink-circle": [link("a", "b"), link("b", "a")],
    "through-symlink": [link("d", "."), entry("d/file")],
    "through-symlink-out": [link("d", "/tmp"), entry("d/assay-was-here")],
    "through-two-symlinks": [
        entry("deep/x"), link("deep/s", ".."), entry("sub/y"), link("sub/t", "../deep/s/../z")],
    "through-file": [entry("f"), entry("f/g")],
    "hardlink-out": [hard("a", "/etc/passwd")],
    "hardlink-up": [hard("a", "../../etc/passwd")],
    "hardlink-nothing": [hard("a", "b")],
    "hardlink-to-symlink": [link("s", "t"), hard("a", "s")],
    "twice": [entry("a"), entry("a", b"other")],
    "twice-dotted": [entry("a"), entry("./a", b"other")],
    "file-then-directory": [entry("a"), entry("a", kind=tarfile.DIRTYPE)],
    "symlink-then-file": [link("a", "b"), entry("a")],
    "fifo": [entry("a", kind=tarfile.FIFOTYPE)],
    "device": [entry("a", kind=tarfile.CHRTYPE)],
    "block": [entry("a", kind=tarfile.BLKTYPE)],
    "setuid": [entry("a", mode=0o4755)],
    "setgid": [entry("a", mode=0o2755)],
    "case": [entry("Readme"), entry("README")],
    "case-directory": [entry("Dir/a"), entry("dir/b")],
    "control": [entry("a\nb")],
    "escape": [entry("a\x1b[2Jb")],
    "long-name": [entry("n" * 300)],
    "deep": [entry("/".join("d" for _ in range(80)) + "/f")],
}
for name, entries in bad.items():
    save("bad-" + name + ".tar", tar(entries))
    if name in ("absolute", "dotdot", "symlink-out", "twice", "fifo", "setuid", "case", "control"):
        save("bad-" + name + ".tar.zst", zstd(tar(entries)))
save("bad-not-utf8.tar", tar([entry("n\udcff")], tarfile.GNU_FORMAT))
regular = stat.S_IFREG | 0o644
for name, entries in {
    "absolute": [("/tmp/assay-was-here", b"x", regular)],
    "dotdot": [("../assay-was-here", b"x", regular)],
    "symlink-out": [("a", b"../..", stat.S_IFLNK | 0o777)],
    "through-symlink": [("d", b".", stat.S_IFLNK | 0o777), ("d/f", b"x", regular)],
    "setuid": [("a", b"x", stat.S_IFREG | 0o4755)],
    "case": [("A", b"x", regular), ("a", b"x", regular)],
}.items():
    save("bad-" + name + ".zip", zipped(entries))
twice = bytearray(zipped([("a", b"x", regular), ("b", b"y", regular)]))
save("bad-twice.zip", bytes(twice).replace(b"b", b"a"))

# Cut short, at the border of an entry too, where nothing but the end mark tells.
two = tar([entry("a", bytes(1024)), entry("b", b"second")], tarfile.USTAR_FORMAT)
save("bad-cut-at-border.tar", two[:1536])
save("bad-no-end.tar", two[:2560])
save("bad-trailing.tar", two + b"more")
save("bad-zeros.tar.gz", gzip.compress(tar([entry("zeros", bytes(400 << 20))])))
save("bad-many.tar.gz", gzip.compress(tar([entry("f%d" % i, b"") for i in range(3000)])))
save("bad-plain.txt", b"no archive at all\n" * 100)
save("bad-bzip2.tar.bz2", bz2.compress(good))
save("bad-encrypted.zip", bytes.fromhex(
    "504b03040a0009000000da7e5559a865327e0d0000000100000001000000"
    "61" + "00" * 13 + "504b0708a865327e0d00000001000000"
    "504b01021e030a0009000000da7e5559a865327e0d00000001000000010000000000000000000000a481"
    "0000000061504b05060000000001000100" + "2f0000003c0000000000"))
