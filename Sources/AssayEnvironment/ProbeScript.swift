extension EnvironmentProbe {
    /// The probe: one Python program that needs nothing but the standard library and prints one
    /// JSON object of strings.
    ///
    /// It also suits production, where Assay is not: `python probe.py --variable TZ --secret TOKEN`.
    /// With `--loaded` it imports the numeric libraries, to see which BLAS and OpenMP they bring.
    public static let script = #"""
        import base64, csv, hashlib, hmac, json, os, platform, re, sys, time

        USAGE = """usage: probe.py [--variable NAME]... [--secret NAME]... [--secret-key FILE]
                        [--files] [--loaded] [--pid PID] [--image DIGEST]

        Prints what this Python's environment is, as one JSON object.
          --variable NAME    the value of a variable
          --secret NAME      whether a variable is set; with --secret-key its HMAC-SHA256 under that key
          --files            hash every file of every package against its RECORD
          --loaded           import the numeric libraries and see which BLAS and OpenMP they load
          --pid PID          look at the variables and libraries of that process in place of our own
          --image DIGEST     the digest of the container image, which nothing inside can know
        """

        facts = {}
        own = os.environ
        process = "self"
        secret_key = None

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

        def edited(distribution):
            # The names of files that are not what RECORD says, by their bytes.
            wrong = []
            text = distribution.read_text("RECORD") or ""
            for row in csv.reader(text.splitlines()):
                if len(row) < 2 or not row[1].startswith("sha256="):
                    continue
                try:
                    with open(str(distribution.locate_file(row[0])), "rb") as file:
                        digest = hashlib.sha256(file.read()).digest()
                except OSError:
                    wrong.append(row[0] + " (missing)")
                    continue
                if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != row[1][7:]:
                    wrong.append(row[0])
            return wrong

        def files():
            seen = set()
            from importlib.metadata import distributions
            for distribution in distributions():
                name = distribution.metadata["Name"]
                if not name or normalise(name) in seen:
                    continue
                seen.add(normalise(name))
                wrong = edited(distribution)
                more = " and %d more" % (len(wrong) - 5) if len(wrong) > 5 else ""
                fact("package-edited." + normalise(name), ", ".join(wrong[:5]) + more)
            fact("probe.files", "hashed")

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
            try:
                cards = sorted(os.listdir("/proc/driver/nvidia/gpus"))
            except OSError:
                cards = []
            for index, card in enumerate(cards):
                model = re.search(r"^Model:\s*(.*)$", text("/proc/driver/nvidia/gpus/" + card + "/information"), re.M)
                fact("gpu.%d" % index, model and model.group(1))
            cuda = re.search(r'"cuda"\s*:\s*\{[^}]*"version"\s*:\s*"([^"]*)"', text("/usr/local/cuda/version.json"))
            fact("gpu.cuda", cuda and cuda.group(1))
            if os.path.exists("/.dockerenv"):
                fact("container.kind", "docker")
            elif os.path.exists("/run/.containerenv"):
                fact("container.kind", "podman")

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
                fact("locale." + name, own.get(name))
            fact("hash.seed", own.get("PYTHONHASHSEED", "random"))
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                         "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS",
                         "OMP_DYNAMIC", "MKL_CBWR", "OPENBLAS_CORETYPE", "CUDA_VISIBLE_DEVICES"):
                fact("threads." + name, own.get(name, "unset"))

        def loaded():
            if process == "self":
                for name in ("numpy", "scipy.linalg", "sklearn", "lightgbm", "xgboost", "torch"):
                    try:
                        __import__(name)
                    except Exception:
                        pass
            wanted = re.compile(r"\s(/\S*/(lib(?:openblas|scipy_openblas|mkl_rt|blis|cblas|blas|lapack|gomp|iomp5|omp|cudart|cublas|cudnn)[^/]*\.so[^/]*))$")
            names = {}
            for line in text("/proc/%s/maps" % process).splitlines():
                match = wanted.search(line)
                if match:
                    names[match.group(2)] = match.group(1)
            fact("loaded.numeric-libraries", " ".join(sorted(names)) or "none")
            for name, path in names.items():
                try:
                    with open(path, "rb") as file:
                        fact("loaded." + name, hashlib.sha256(file.read()).hexdigest())
                except OSError:
                    pass

        def take_process(pid):
            # The variables and libraries of a service that runs, which are what counts.
            global own, process
            try:
                with open("/proc/%s/environ" % pid, "rb") as file:
                    pairs = [pair.partition(b"=") for pair in file.read().split(b"\0") if pair]
            except OSError as error:
                sys.exit("could not look at process %s: %s" % (pid, error))
            own = {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, _, value in pairs}
            process = pid
            fact("time.variable", own.get("TZ", "unset"))

        def secret(name):
            value = own.get(name)
            if not value:
                return "unset"
            if secret_key is None:
                return "set"
            return "hmac-sha256:" + hmac.new(secret_key, value.encode(), "sha256").hexdigest()

        def arguments():
            global secret_key
            words = sys.argv[1:]
            later = []
            while words:
                word = words.pop(0)
                if word in ("--files", "--loaded"):
                    later.append((word, None))
                elif word in ("--variable", "--secret", "--secret-key", "--pid", "--image") and words:
                    value = words.pop(0)
                    if word == "--pid":
                        if not value.isdigit():
                            sys.exit(USAGE)
                        take_process(value)
                    elif word == "--secret-key":
                        with open(value, "rb") as file:
                            secret_key = file.read().strip()
                    else:
                        later.append((word, value))
                elif word in ("-h", "--help"):
                    print(USAGE)
                    sys.exit(0)
                else:
                    sys.exit(USAGE)
            return later

        def asked(later):
            for word, value in later:
                if word == "--files":
                    files()
                elif word == "--loaded":
                    loaded()
                elif word == "--variable":
                    fact("variable." + value, own.get(value, "unset"))
                elif word == "--secret":
                    fact("secret." + value, secret(value))
                elif word == "--image":
                    fact("image.digest", value)

        # The directory the probe was started in holds none of the packages.
        sys.path = [place for place in sys.path if place]
        later = arguments()
        interpreter()
        packages()
        machine()
        system()
        asked(later)
        json.dump(facts, sys.stdout, sort_keys=True, indent=1)
        sys.stdout.write("\n")

        """#
}
