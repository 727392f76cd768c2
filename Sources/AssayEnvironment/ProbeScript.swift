extension EnvironmentProbe {
    /// The probe: one Python program that needs nothing but the standard library and prints one
    /// JSON object of strings.
    ///
    /// It also suits production, where Assay is not: `python probe.py --variable TZ --secret TOKEN`.
    /// With `--loaded` it imports the numeric libraries, to see which BLAS and OpenMP they bring.
    public static let script = #"""
        import hashlib, json, os, platform, re, sys, time

        facts = {}

        def fact(key, value):
            if value is not None and value != "":
                facts[key] = str(value)

        def text(path):
            try:
                with open(path) as file:
                    return file.read()
            except (OSError, UnicodeDecodeError):
                return ""

        def normalise(name):
            return re.sub(r"[-_.]+", "-", name).lower()

        def interpreter():
            fact("interpreter.version", platform.python_version())
            fact("interpreter.implementation", platform.python_implementation())
            fact("interpreter.build", " ".join(platform.python_build()))
            fact("interpreter.compiler", platform.python_compiler())
            fact("interpreter.optimize", sys.flags.optimize)

        def record(distribution):
            # Of RECORD, only what the wheel decides: scripts carry the environment's path, and
            # bytecode and the installer's own files differ from one installation to the next.
            lines = (distribution.read_text("RECORD") or "").splitlines()
            kept = sorted(
                line for line in lines
                if line and not line.startswith(("..", "/")) and ".pyc," not in line
                and not re.search(r"\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json|uv_cache\.json),", line))
            return hashlib.sha256("\n".join(kept).encode()).hexdigest() if kept else None

        def packages():
            try:
                from importlib.metadata import distributions
            except ImportError:
                try:
                    from importlib_metadata import distributions
                except ImportError:
                    fact("probe.packages", "not readable before Python 3.8")
                    return
            for distribution in distributions():
                name = distribution.metadata["Name"]
                if not name:
                    continue
                name = normalise(name)
                if "package." + name in facts:
                    continue
                fact("package." + name, distribution.version)
                fact("package-record." + name, record(distribution))

        def machine():
            fact("machine.arch", platform.machine())
            fact("machine.cores", os.cpu_count())
            if hasattr(os, "sched_getaffinity"):
                fact("machine.usable-cores", len(os.sched_getaffinity(0)))
            info = text("/proc/cpuinfo")
            model = re.search(r"^model name\s*: (.*)$", info, re.M)
            flags = re.search(r"^(?:flags|Features)\s*: (.*)$", info, re.M)
            fact("machine.cpu", model and model.group(1))
            if flags:
                wide = re.compile(r"avx|fma|sse4|amx|f16c|bf16|asimd|sve|neon")
                fact("machine.cpu-flags", " ".join(sorted(f for f in flags.group(1).split() if wide.search(f))))
            memory = re.search(r"^MemTotal:\s+(\d+) kB", text("/proc/meminfo"), re.M)
            fact("machine.memory-kib", memory and memory.group(1))
            fact("cgroup.cpu-max", text("/sys/fs/cgroup/cpu.max").strip())
            fact("cgroup.memory-max", text("/sys/fs/cgroup/memory.max").strip())
            driver = re.search(r"Module\s+([0-9.]+)", text("/proc/driver/nvidia/version"))
            fact("gpu.driver", driver and driver.group(1))

        def system():
            fact("os.name", platform.system())
            fact("os.kernel", platform.release())
            release = dict(re.findall(r'^([A-Z_]+)="?([^"\n]*)"?$', text("/etc/os-release"), re.M))
            fact("os.distribution", (release.get("ID", "") + " " + release.get("VERSION_ID", "")).strip())
            name, version = platform.libc_ver()
            fact("libc.name", name)
            fact("libc.version", version)
            mask = os.umask(0o077)
            os.umask(mask)
            fact("process.umask", format(mask, "04o"))
            fact("process.encoding", sys.getfilesystemencoding())
            fact("time.zone", "/".join(time.tzname))
            fact("time.offset-seconds", -time.timezone)
            for name in ("LC_ALL", "LC_NUMERIC", "LC_TIME", "LANG"):
                fact("locale." + name, os.environ.get(name))
            fact("hash.seed", os.environ.get("PYTHONHASHSEED", "random"))
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                         "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS",
                         "OMP_DYNAMIC", "MKL_CBWR", "OPENBLAS_CORETYPE", "CUDA_VISIBLE_DEVICES"):
                fact("threads." + name, os.environ.get(name, "unset"))

        def loaded():
            for name in ("numpy", "scipy.linalg", "sklearn", "lightgbm", "xgboost", "torch"):
                try:
                    __import__(name)
                except Exception:
                    pass
            wanted = re.compile(r"/(lib(?:openblas|scipy_openblas|mkl_rt|blis|cblas|gomp|iomp5|omp|cudart|cublas|cudnn)[^/]*\.so[^/]*)$")
            names = set()
            for line in text("/proc/self/maps").splitlines():
                match = wanted.search(line)
                if match:
                    names.add(match.group(1))
            fact("loaded.numeric-libraries", " ".join(sorted(names)) or "none")

        def variables(arguments):
            index = 0
            while index < len(arguments):
                word = arguments[index]
                index += 1
                if word == "--loaded":
                    loaded()
                elif word in ("--variable", "--secret") and index < len(arguments):
                    name = arguments[index]
                    index += 1
                    if word == "--variable":
                        fact("variable." + name, os.environ.get(name, "unset"))
                    else:
                        fact("secret." + name, "set" if os.environ.get(name) else "unset")
                else:
                    sys.exit("usage: probe.py [--variable NAME]... [--secret NAME]... [--loaded]")

        # The directory the probe was started in holds none of the packages.
        sys.path = [place for place in sys.path if place]
        interpreter()
        packages()
        machine()
        system()
        variables(sys.argv[1:])
        json.dump(facts, sys.stdout, sort_keys=True, indent=1)
        sys.stdout.write("\n")

        """#
}
