"""Measures the store against other programs; started by scripts/bench store."""
import argparse
import json
import os
import random
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SERVICE = """schema: assay/service/v1
name: bench
code: {include: ["*.py"]}
%s
environment: {kind: host}
serve: {command: ["python3", "app.py", "{port}"], ready: {http: /}}
"""
TABLE = "data: [{name: table, path: data/table.csv, kind: table, fine: true}]"
WEIGHTS = "weights: [{name: model, path: data/model.bin}]"


def run(command, cwd, environment=None):
    """Runs a program; gives seconds, its peak resident memory in bytes and processor seconds."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"bench: {command} failed: {errors.decode(errors='replace')}")
    return seconds, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def size(directory):
    """The bytes of all files beneath a directory."""
    return sum(f.stat().st_size for f in Path(directory).rglob("*") if f.is_file())


class Assay:
    name = "assay track"

    def __init__(self, program):
        self.program = program

    def prepare(self, place):
        subprocess.run(["git", "init", "--quiet"], cwd=place, check=True)
        Path(place, "assay.yaml").write_text(SERVICE % TABLE)

    def store(self, place):
        return run([self.program, "track", "data"], place)

    def drop(self, place):
        shutil.rmtree(Path(place, ".assay"), ignore_errors=True)
        Path(place, "assay.lock").unlink(missing_ok=True)

    def stored(self, place):
        return size(Path(place, ".assay/store/blobs"))


class Restic:
    name = "restic backup"
    environment = {"RESTIC_PASSWORD": "bench"}

    def prepare(self, place):
        self.start(place)

    def start(self, place):
        run(["restic", "init", "--quiet", "-r", ".restic"], place, self.environment)

    def store(self, place):
        return run(["restic", "backup", "--quiet", "--no-cache", "-r", ".restic", "data"], place,
                   self.environment)

    def drop(self, place):
        shutil.rmtree(Path(place, ".restic"))
        self.start(place)

    def stored(self, place):
        return size(Path(place, ".restic/data"))


class Borg:
    name = "borg create"
    environment = {"BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
                   "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}
    count = 0

    def prepare(self, place):
        run(["borg", "init", "--encryption=none", ".borg"], place, self.environment)

    def store(self, place):
        self.count += 1
        return run(["borg", "create", "--compression=none", f".borg::{self.count}", "data"], place,
                   self.environment)

    def drop(self, place):
        shutil.rmtree(Path(place, ".borg"))
        self.prepare(place)

    def stored(self, place):
        return size(Path(place, ".borg/data"))


class Dvc:
    name = "dvc add"

    def prepare(self, place):
        if not Path(place, ".git").exists():
            subprocess.run(["git", "init", "--quiet"], cwd=place, check=True)
        run(["dvc", "init", "--quiet"], place)

    def store(self, place):
        return run(["dvc", "add", "--quiet", "data"], place)

    def drop(self, place):
        shutil.rmtree(Path(place, ".dvc"))
        Path(place, "data.dvc").unlink(missing_ok=True)
        self.prepare(place)

    def stored(self, place):
        return size(Path(place, ".dvc/cache"))


def write_random(path, count, seed):
    generator = random.Random(seed)
    with open(path, "wb") as file:
        while count > 0:
            piece = min(count, 16 << 20)
            file.write(generator.randbytes(piece))
            count -= piece


def write_small(place, count=100_000):
    generator = random.Random(2)
    for index in range(count):
        directory = Path(place, f"{index // 1000:03}")
        directory.mkdir(exist_ok=True)
        Path(directory, f"{index:06}.bin").write_bytes(generator.randbytes(2048))


def tensor_sizes():
    """Those of a BERT-like encoder of 24 layers, 303 MB at two bytes a value."""
    hidden, sizes = 768, [30522 * 768 * 2, 512 * 768 * 2]
    for _ in range(18):
        for _ in range(4):
            sizes += [hidden * hidden * 2, hidden * 2]
        sizes += [hidden * 4 * hidden * 2, hidden * 8, 4 * hidden * hidden * 2, hidden * 2]
        sizes += [hidden * 2] * 4
    return sizes


def write_tensors(path):
    sizes, header, offset = tensor_sizes(), {}, 0
    for index, count in enumerate(sizes):
        header[f"layer.{index:04}"] = {
            "dtype": "F16", "shape": [count // 2], "data_offsets": [offset, offset + count]}
        offset += count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        generator = random.Random(3)
        for count in sizes:
            file.write(generator.randbytes(count))
    return 8 + len(text), sizes


def change_tensors(path, start, sizes, seed):
    """Writes tensors anew that make a fifth of the bytes, no more; gives their bytes."""
    generator = random.Random(seed)
    places = [start + sum(sizes[:index]) for index in range(len(sizes))]
    changed = 0
    with open(path, "r+b") as file:
        for index in generator.sample(range(len(sizes)), len(sizes)):
            if changed + sizes[index] > sum(sizes) // 5:
                continue
            file.seek(places[index])
            file.write(generator.randbytes(sizes[index]))
            changed += sizes[index]
    return changed


def rows(generator, count):
    return "".join(
        f"{generator.randrange(10**9)},{generator.random():.6f},{generator.choice('abcdefgh')},"
        f"{generator.randrange(10**6)}\n" for _ in range(count)).encode()


class Bench:
    def __init__(self, arguments):
        self.runs = arguments.runs
        self.work = Path(tempfile.mkdtemp(prefix="assay-bench-", dir=arguments.work))
        self.programs = [Assay(arguments.program)]
        for tool, adapter in [("restic", Restic), ("borg", Borg), ("dvc", Dvc)]:
            if arguments.only and tool not in arguments.only:
                continue
            if shutil.which(tool):
                self.programs.append(adapter())
            else:
                print(f"bench: {tool} is not installed and left out", file=sys.stderr)
        self.size = arguments.size

    def place(self, name):
        place = self.work / name
        (place / "data").mkdir(parents=True)
        for program in self.programs:
            program.prepare(place)
        return place

    def timed(self, title, place, others=()):
        """Times each program on data it has not seen, then on the same again."""
        first, again = {}, {}
        for program in self.programs:
            program.store(place)
        for other, command in others:
            run(command, place)
        for _ in range(self.runs):
            for other, command in others:
                first.setdefault(other, []).append(run(command, place))
            for program in self.programs:
                program.drop(place)
                os.sync()
                first.setdefault(program.name, []).append(program.store(place))
                again.setdefault(program.name, []).append(program.store(place))
        self.table(title, first)
        self.table(f"{title}, unchanged again", again)

    def table(self, title, times):
        print(f"\n**{title}**\n")
        print("| program | median | least | most | times `assay track` | processor | times |")
        print("|---|---|---|---|---|---|---|")
        base = statistics.median(value[0] for value in times["assay track"])
        base_cpu = statistics.median(value[2] for value in times["assay track"])
        for name, values in times.items():
            seconds = [value[0] for value in values]
            median = statistics.median(seconds)
            cpu = statistics.median(value[2] for value in values)
            print(f"| {name} | {median:.3f} s | {min(seconds):.3f} s | {max(seconds):.3f} s "
                  f"| {median / base:.2f} | {cpu:.2f} s | {cpu / base_cpu:.2f} |")
        sys.stdout.flush()

    def random(self):
        place = self.place("random")
        write_random(place / "data/random.bin", 1 << 30, 1)
        self.timed("1 GiB of random bytes", place,
                   [("openssl dgst -sha256", ["openssl", "dgst", "-sha256", "data/random.bin"])])

    def small(self):
        place = self.place("small")
        write_small(place / "data")
        self.timed("100,000 files of 2 KiB", place)

    def growth(self, title, place, total, change):
        print(f"\n**{title}**\n\n| program | first | second |\n|---|---|---|")
        for program in self.programs:
            program.store(place)
        shares = {}
        for round_number in range(2):
            before = {p.name: p.stored(place) for p in self.programs}
            change(round_number)
            for program in self.programs:
                program.store(place)
                new = program.stored(place) - before[program.name]
                shares.setdefault(program.name, []).append(new / total())
        for name, values in shares.items():
            print(f"| {name} | " + " | ".join(f"{value:.2%}" for value in values) + " |")
        sys.stdout.flush()

    def tensors(self):
        place = self.place("tensors")
        path = place / "data/model.safetensors"
        start, sizes = write_tensors(path)
        changed = []
        self.growth(
            f"new bytes after a fifth of the tensors ({path.stat().st_size / 1e6:.0f} MB)"
            " changed, twice", place, lambda: path.stat().st_size,
            lambda seed: changed.append(change_tensors(path, start, sizes, 10 + seed)))
        shares = " | ".join(f"{count / path.stat().st_size:.2%}" for count in changed)
        print(f"| (bytes of the tensors changed) | {shares} |")

    def rows(self):
        place = self.place("table")
        path = place / "data/table.csv"
        generator = random.Random(4)
        path.write_bytes(rows(generator, 2_000_000))

        def append(_):
            count = path.stat().st_size // 50
            with open(path, "ab") as file:
                file.write(rows(generator, count * 2_000_000 // path.stat().st_size))
        self.growth(f"new bytes after 2 % of rows were appended to a table"
                    f" ({path.stat().st_size / 1e6:.0f} MB, `fine`), twice", place,
                    lambda: path.stat().st_size, append)

    def memory(self):
        place = self.place("memory")
        write_random(place / "data/random.bin", self.size, 5)
        print(f"\n**peak resident memory on {self.size / 10**9:g} GB**\n\n| program | memory |")
        print("|---|---|")
        for program in self.programs:
            print(f"| {program.name} | {program.store(place)[1] / 2**20:.0f} MiB |")
            # Room for the next one.
            program.drop(place)
        sys.stdout.flush()

    def bundle(self, name, count):
        """Makes a repository with a bundle of one file, and gives its place."""
        place = self.place(name)
        assay = self.programs[0]
        Path(place, "assay.yaml").write_text(SERVICE % WEIGHTS)
        Path(place, "app.py").write_text("print()\n")
        Path(place, ".gitignore").write_text("data/\n")
        write_random(place / "data/model.bin", count, 6)
        assay.store(place)
        git = ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.com"]
        run([*git, "add", ".gitignore", "app.py", "assay.yaml", "assay.lock"], place)
        run([*git, "commit", "--quiet", "-m", "bench"], place)
        run([assay.program, "bundle", "create"], place)
        return place

    def materialise(self):
        """Times `assay bundle run --print-env`, which lays a bundle out and looks at its environment, with
        a file of 1 GiB and with one of 1 byte: the difference is what the size costs."""
        large, tiny = self.bundle("large", 1 << 30), self.bundle("tiny", 1)
        layout = [self.programs[0].program, "bundle", "run", "--print-env"]
        times = {}
        run(layout, tiny)
        for _ in range(self.runs):
            cache = large / ".assay/store/cache"
            shutil.rmtree(cache / "files", ignore_errors=True)
            remove_tree(cache / "trees")
            os.sync()
            times.setdefault("1 GiB, nothing in the cache", []).append(run(layout, large))
            remove_tree(cache / "trees")
            times.setdefault("1 GiB, the file in the cache", []).append(run(layout, large))
            remove_tree(tiny / ".assay/store/cache/trees")
            times.setdefault("1 byte", []).append(run(layout, tiny))
            times.setdefault("1 GiB, the same bundle again", []).append(run(layout, large))
            times.setdefault("1 byte, the same bundle again", []).append(run(layout, tiny))
        print("\n**a bundle with one file is laid out (`assay bundle run --print-env`)**\n")
        print("| | median | least | most |\n|---|---|---|---|")
        for name, values in times.items():
            seconds = [value[0] for value in values]
            print(f"| {name} | {statistics.median(seconds):.3f} s | {min(seconds):.3f} s "
                  f"| {max(seconds):.3f} s |")
        sys.stdout.flush()


def remove_tree(directory):
    """Removes a tree in which directories are read-only; none there is fine."""
    if not directory.exists():
        return
    for path in [directory, *directory.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(directory)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--work")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--case", action="append",
                        choices=["random", "small", "tensors", "table", "memory", "materialise"])
    parser.add_argument("--size", type=int, default=10**9)
    parser.add_argument("--only", action="append")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    cases = {"random": bench.random, "small": bench.small, "tensors": bench.tensors,
             "table": bench.rows, "memory": bench.memory, "materialise": bench.materialise}
    try:
        for name in arguments.case or cases:
            cases[name]()
            shutil.rmtree(bench.work)
            bench.work.mkdir()
    finally:
        shutil.rmtree(bench.work, ignore_errors=True)


if __name__ == "__main__":
    main()
