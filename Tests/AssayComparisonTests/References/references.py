"""Writes what other programs find in answers, which AssayComparisonTests holds against its own.

    python3 -m venv /tmp/references
    /tmp/references/bin/pip install numpy==2.4.6 ml_dtypes==0.6.0 brotli==1.2.1 \
        zstandard==0.25.0 httpx==0.28.1 httpx-sse==0.4.3
    /tmp/references/bin/python Tests/AssayComparisonTests/References/references.py

Writes NAME.jsonl beside itself, a case a line, the same bytes each time but for the encodings, whose
bytes are those of the encoders at hand. What is held against what:

    ulp         numpy's nextafter, step by step, and the distance of the numbers' bits
    tolerance   math.isclose (its bounds are ours), Fraction for whole numbers of up to 38 digits
    decision    Python's floats
    cosine      Decimal with 60 digits
    rank        collections.Counter over values that json and Decimal read
    text        str.lower scalar by scalar, unicodedata's NFC
    time        datetime, its fraction in Fractions; email.utils for HTTP dates
    equality    json with Decimal; a document with a name twice is compared as text
    tables      csv
    tensors     numpy, ml_dtypes
    events      httpx-sse
    encodings   gzip, zlib, brotli, zstandard
"""
import base64, csv, datetime, decimal, email.utils, gzip, hashlib, io, json, math, pathlib
import random, re, struct, unicodedata, zlib
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import brotli, ml_dtypes, numpy, zstandard
from httpx_sse._decoders import SSEDecoder

HERE = pathlib.Path(__file__).parent
decimal.getcontext().prec = 60


def write(name, cases):
    with open(HERE / f"{name}.jsonl", "w") as file:
        for case in cases:
            file.write(json.dumps(case, sort_keys=True, separators=(",", ":")) + "\n")


def pair(rule, old, new, same):
    return {"rule": rule, "old": old, "new": new, "same": bool(same)}


# Numbers

def digits(value, draw):
    """A spelling of a double that reads as the same double."""
    kind = draw.randrange(4)
    if kind == 0:
        return "%.17g" % value
    if kind == 1:
        return "%.17e" % value
    if kind == 2 and 1e-6 < abs(value) < 1e12:
        return format(Decimal(value), "f")
    return repr(float(value))


def random_double(draw):
    kind = draw.randrange(5)
    if kind == 0:
        return draw.uniform(-1, 1)
    if kind == 1:
        return draw.choice([0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1.0, -2.0, 1.7e308])
    if kind == 2:
        return draw.uniform(1, 10) * 10.0 ** draw.randint(-300, 300)
    if kind == 3:
        return float(draw.randint(-10**6, 10**6))
    return math.ldexp(1.0, draw.randint(-1070, 1000)) * draw.choice([1, -1])


def ordinal(value, bits):
    kind, whole = ("<d", "<q") if bits == 64 else ("<f", "<i")
    number = struct.unpack(whole, struct.pack(kind, value))[0]
    return number if number >= 0 else -(number & (2 ** (bits - 1) - 1))


def ulp():
    draw = random.Random(1)
    for number in range(300):
        bits = draw.choice([32, 64])
        kind = numpy.float64 if bits == 64 else numpy.float32
        with numpy.errstate(over="ignore", under="ignore"):
            old = kind(random_double(draw))
        if not numpy.isfinite(old):
            continue
        allowed = draw.choice([0, 1, 2, 4, 16, 1000])
        if number % 3:
            steps = draw.randint(0, 2 * allowed + 2) if allowed < 1000 else draw.randint(990, 1010)
            toward = kind(draw.choice([numpy.inf, -numpy.inf]))
            new = old
            with numpy.errstate(over="ignore", under="ignore"):
                for _ in range(steps):
                    new = numpy.nextafter(new, toward)
            if not numpy.isfinite(new):
                continue
        else:
            with numpy.errstate(over="ignore", under="ignore"):
                new = kind(random_double(draw))
            if not numpy.isfinite(new):
                continue
            steps = abs(ordinal(float(old), bits) - ordinal(float(new), bits))
        # Numbers of 32 bits in their own shortest digits, as services write them.
        texts = [
            str(v) if bits == 32 and draw.random() < 0.5 else digits(float(v), draw)
            for v in (old, new)
        ]
        yield pair({"ulp": [allowed, bits]}, *texts, steps <= allowed)


def tolerance():
    draw = random.Random(2)
    bounds = [0.0, 1e-9, 1e-6, 1e-3, 0.1, 0.5, 1.0, 3.0]
    for number in range(400):
        rule = {}
        while not rule:
            if draw.random() < 0.6:
                rule["abs"] = draw.choice(bounds)
            if draw.random() < 0.6:
                rule["rel"] = draw.choice(bounds[:6])
        if number % 4 == 0:
            size = draw.choice([3, 16, 18, 19, 20, 30, 37])
            old = draw.randint(-(10**size), 10**size)
            new = old + draw.choice([0, 1, -1, 2, 3, 4, 10**9, draw.randint(-(10**size), 10**size)])
            if number % 8 == 0:
                rule = {"abs": float(draw.choice([0, 1, 2, 3, 2**53, 10**18]))}
                if draw.random() < 0.3:
                    new = old + 2**53 + draw.choice([-1, 0, 1])
            near = Fraction(abs(old - new)) <= Fraction(rule.get("abs", -1))
            if "rel" in rule:
                near |= float(abs(old - new)) <= rule["rel"] * max(abs(float(old)), abs(float(new)))
            yield pair(rule, str(old), str(new), near or old == new)
            continue
        old = random_double(draw)
        reach = draw.choice([1, 1 - 1e-15, 1 + 1e-15, 0.5, 2, 0.999, 1.001])
        step = rule.get("abs", 0.0) if draw.random() < 0.5 else rule.get("rel", 0.0) * abs(old)
        new = old + draw.choice([1, -1]) * reach * step
        if not math.isfinite(new):
            new = -old
        near = math.isclose(old, new, rel_tol=rule.get("rel", 0.0), abs_tol=rule.get("abs", 0.0))
        yield pair(rule, digits(old, draw), digits(new, draw), near)
    # Beyond doubles: too large is an infinity, near nothing; what rounds to one double is near.
    for old, new, near in [
        ("1e400", "1e401", False), ("1e400", "10e399", True), ("-1e400", "1e400", False),
        ("1e400", "1", False), ("1e-400", "2e-400", True), ("1e-400", "0", True),
        ("0.1", "0.10000000000000000001", True), ("1e309", "1.1e309", False),
        ("1" + "0" * 309, "1" + "0" * 308 + "1", False),
    ]:
        yield pair({"abs": 0.5, "rel": 0.5}, old, new, near)


def decision():
    draw = random.Random(3)
    for _ in range(200):
        thresholds = sorted(draw.sample([-1.0, 0.0, 0.1, 0.25, 0.5, 0.75, 1e6], draw.randint(1, 3)))
        def value():
            at = draw.choice(thresholds)
            return draw.choice([at, math.nextafter(at, 9e9), math.nextafter(at, -9e9),
                                draw.uniform(-2, 2), at * 1.1])
        old, new = value(), value()
        same = all((old >= t) == (new >= t) for t in thresholds)
        yield pair({"decision": thresholds}, digits(old, draw), digits(new, draw), same)


def cosine():
    draw = random.Random(4)
    made = 0
    while made < 300:
        size = draw.choice([1, 2, 3, 4, 8])
        scale = draw.choice([1.0, 1.0, 1e-160, 1e160, 1e-200, 1e200, 1e-310, 1e300])
        old = [draw.gauss(0, 1) * scale for _ in range(size)]
        kind = draw.randrange(5)
        if kind == 0:
            new = [draw.gauss(0, 1) * scale for _ in range(size)]
        elif kind == 1:
            new = [x * draw.choice([2.0, 0.5]) for x in old]
        elif kind == 2:
            new = [-x for x in old]
        else:
            noise = draw.choice([1e-6, 1e-3, 0.05, 0.3])
            new = [x + draw.gauss(0, noise) * scale for x in old]
        if draw.random() < 0.1:
            old = [0.0] * size
        if draw.random() < 0.1:
            new = [0.0] * size
        least = draw.choice([0.999, 0.99, 0.9, 0.0, -0.5])
        old, new = ([float("%.7g" % x) for x in v] for v in (old, new))
        if not all(map(math.isfinite, old + new)):
            continue
        a, b = [list(map(Decimal, v)) for v in (old, new)]
        first, second = sum(x * x for x in a), sum(x * x for x in b)
        if first == 0 or second == 0:
            same = first == second
        else:
            value = sum(x * y for x, y in zip(a, b)) / (first.sqrt() * second.sqrt())
            if abs(value - Decimal(least)) < Decimal("1e-12"):
                continue
            same = value >= Decimal(least)
        made += 1
        yield pair({"cosine": least}, json.dumps(old), json.dumps(new), same)


# Values

def read(text):
    return json.loads(text, parse_float=Decimal, parse_int=Decimal, object_pairs_hook=Members)


class Members(list):
    """An object's members in their order; json gives lists for arrays and these for objects."""

    @property
    def values_by_name(self):
        found = {}
        for name, value in self:
            found.setdefault(name, []).append(value)
        return found


def identity(value):
    """A value as something that is equal for equal values alone."""
    if isinstance(value, Members):
        return ("object", tuple(sorted((k, tuple(map(identity, v)))
                                       for k, v in value.values_by_name.items())))
    if isinstance(value, list):
        return ("array", tuple(map(identity, value)))
    if isinstance(value, Decimal):
        ratio = value.as_integer_ratio()
        return ("number",) + ratio
    return (type(value).__name__, value)


NAMES = ["a", "b", "c", "id", "é", "x/y", "t~u", "", "*", "0", "日本", "\U0001F600"]


def random_value(draw, depth=0, twice=False):
    kind = draw.randrange(9 if depth < 4 else 6)
    if kind == 0:
        return draw.choice([True, False, None])
    if kind == 1:
        return Decimal(draw.randint(-(10 ** draw.choice([1, 5, 30])), 10**6))
    if kind in (2, 3):
        text = str(draw.randint(1, 10 ** draw.choice([3, 12, 25])))
        return Decimal(text).scaleb(draw.randint(-30, 5))
    if kind in (4, 5):
        return "".join(draw.choice("abc \"\\/\n\té日\U0001F600") for _ in range(draw.randrange(6)))
    if kind == 6:
        return [random_value(draw, depth + 1, twice) for _ in range(draw.randrange(4))]
    names = (draw.choices if twice else draw.sample)(NAMES, k=draw.randrange(5))
    if depth == 0 and draw.random() < 0.3:
        names = [f"n{i}" for i in range(draw.randrange(17, 20))] + names
    return Members((name, random_value(draw, depth + 1, twice)) for name in names)


def has_twice(value):
    """Whether an object anywhere in a value has two members of one name."""
    if isinstance(value, Members):
        names = [name for name, _ in value]
        return len(set(names)) < len(names) or any(has_twice(inner) for _, inner in value)
    return isinstance(value, list) and any(map(has_twice, value))


def spell_number(value, draw):
    sign, whole, exponent = value.as_tuple()
    text = "".join(map(str, whole))
    minus = "-" if sign else ""
    kind = draw.randrange(4)
    if kind == 0 and -40 < exponent < 40:
        return format(value, "f")
    if kind == 1:
        return f"{minus}{text}e{exponent}"
    if kind == 2:
        return f"{minus}{text[0]}.{text[1:]}00E{exponent + len(text) - 1:+d}"
    return f"{minus}0.000{text}e+{exponent + len(text) + 3}" if exponent + len(text) + 3 >= 0 \
        else f"{minus}{text}00e{exponent - 2}"


def spell_string(text, draw):
    out = '"'
    for character in text:
        kind = draw.randrange(3)
        if kind == 0:
            for unit in struct.iter_unpack(">H", character.encode("utf-16-be")):
                out += "\\u%04x" % unit if draw.random() < 0.5 else "\\u%04X" % unit
        elif character == "/" and kind == 1:
            out += "\\/"
        else:
            out += json.dumps(character, ensure_ascii=False)[1:-1]
    return out + '"'


def spell(value, draw):
    space = draw.choice(["", "", " ", "\n  ", "\t"])
    if isinstance(value, Members):
        inner = ("," + space).join(
            spell_string(k, draw) + ":" + space + spell(v, draw) for k, v in value)
        return "{" + space + inner + space + "}"
    if isinstance(value, list):
        return "[" + space + ("," + space).join(spell(v, draw) for v in value) + space + "]"
    if isinstance(value, Decimal):
        return spell_number(value, draw)
    if isinstance(value, str):
        return spell_string(value, draw)
    return json.dumps(value)


def change(value, draw):
    """The value with one small change somewhere."""
    if isinstance(value, list) and value and draw.random() < 0.8:
        copy = type(value)(value)
        place = draw.randrange(len(copy))
        kind = draw.randrange(5)
        if kind == 0:
            del copy[place]
        elif kind == 1 and isinstance(value, Members):
            copy.insert(place, ("new", copy[draw.randrange(len(copy))][1]))
        elif kind == 1:
            copy.insert(place, copy[draw.randrange(len(copy))])
        elif isinstance(value, Members):
            name, inner = copy[place]
            copy[place] = (name, change(inner, draw))
        else:
            copy[place] = change(copy[place], draw)
        return copy
    if isinstance(value, Decimal):
        sign, whole, exponent = value.as_tuple()
        return draw.choice([
            Decimal((sign, whole + (1,), exponent - 1)), value.copy_negate(), value.scaleb(1),
            Decimal((sign, whole[:-1] + ((whole[-1] + 1) % 10,), exponent))])
    if isinstance(value, str):
        return value + draw.choice(["x", " ", "é", "\u0301"])
    if isinstance(value, bool):
        return draw.choice([not value, None, Decimal(int(value))])
    return draw.choice([Decimal(0), "", Members(), []])


def reorder(value, draw):
    """The value with objects' members in another order; those of one name keep theirs."""
    if isinstance(value, Members):
        queues = {k: list(v) for k, v in value.values_by_name.items()}
        names = [name for name, _ in value]
        draw.shuffle(names)
        return Members((name, reorder(queues[name].pop(0), draw)) for name in names)
    if isinstance(value, list):
        return [reorder(v, draw) for v in value]
    return value


def equality():
    draw = random.Random(5)
    for number in range(300):
        twice = number % 5 == 0
        value = random_value(draw, 0, twice)
        while not isinstance(value, list):
            value = random_value(draw, 0, twice)
        other = reorder(value, draw) if draw.random() < 0.7 else value
        if number % 2:
            other = change(other, draw)
        old, new = spell(value, draw), spell(other, draw)
        if draw.random() < 0.05:
            new = old
        same = identity(read(old)) == identity(read(new))
        if has_twice(read(old)) or has_twice(read(new)):
            same = old == new
        if same:
            # Whoever lets the last of a name win sees the same values.
            assert json.loads(old, parse_float=Decimal) == json.loads(new, parse_float=Decimal)
        yield pair("exact", old, new, same)


def rank():
    draw = random.Random(6)
    for number in range(300):
        pool = [random_value(draw, 3) for _ in range(8)]
        if number % 2:
            pool = [Members([("id", v), ("score", Decimal(draw.randrange(9)))]) for v in pool]
        keyed = number % 2 == 1 and draw.random() < 0.7
        old = [draw.choice(pool) for _ in range(draw.randrange(1, 8))]
        new = [draw.choice(old if draw.random() < 0.8 else pool) for _ in range(draw.randrange(8))]
        top, share = draw.randrange(1, 9), draw.choice(["0", "0.2", "0.5", "0.6", "0.7", "0.8", "1"])
        def elements(values):
            return Counter(identity(v[0][1] if keyed else v) for v in values[:top])
        first, second = elements(old), elements(new)
        most = max(first.total(), second.total())
        overlap = Fraction((first & second).total(), most) if most else Fraction(1)
        same = overlap >= Fraction(share)
        rule = {"rank": top, "overlap": float(share)}
        if keyed:
            rule["key"] = "/id"
        texts = spell(old, draw), spell(new, draw)
        yield pair(rule, *texts, same or identity(read(texts[0])) == identity(read(texts[1])))


# Texts and times

SPACES = [chr(c) for c in [9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
                           0x2028, 0x2029, 0x202F, 0x205F, 0x3000]]


def reduced(text, aspects):
    if "case" in aspects:
        text = "".join(c.lower() for c in text)
    if "space" in aspects:
        text = " ".join(re.split("[" + "".join(SPACES) + "]+", text.strip("".join(SPACES))))
    return unicodedata.normalize("NFC", text)


def text():
    draw = random.Random(7)
    letters = list("aAbBzZ") + ["é", "e\u0301", "É", "E\u0301", "ß", "ẞ", "İ", "i\u0307", "ı", "Σ",
                                "σ", "ς", "ﬁ", "Å", "Å", "\u0301", "\u200d", "Ω", "Ω", "Ǆ", "ǅ",
                                "\U00010400", "\U00010428", "\u200b", "한", "\u1112\u1161\u11ab"]
    for number in range(400):
        aspects = draw.choice([["case"], ["space"], ["case", "space"]])
        units = [draw.choice(letters + SPACES[:8] if draw.random() < 0.7 else SPACES)
                 for _ in range(draw.randrange(1, 9))]
        other = list(units)
        for place in range(len(other)):
            kind = draw.randrange(6)
            if kind == 0:
                other[place] = draw.choice([other[place].upper(), other[place].lower()])
            elif kind == 1:
                form = draw.choice(["NFC", "NFD"])
                other[place] = unicodedata.normalize(form, other[place])
            elif kind == 2 and other[place] in SPACES:
                other[place] = draw.choice(SPACES) * draw.randrange(1, 3)
            elif kind == 3 and number % 3 == 0:
                other[place] = draw.choice(letters)
        if draw.random() < 0.3:
            other.insert(draw.choice([0, len(other)]), draw.choice(SPACES))
        old, new = "".join(units), "".join(other)
        same = reduced(old, aspects) == reduced(new, aspects)
        yield pair({"text": aspects}, json.dumps(old), json.dumps(new), same)


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def instant(text):
    """When that is, in seconds, and whether the text says of which offset; None for no time."""
    if re.fullmatch(r"[A-Z][a-z]{2}, .* GMT", text):
        parsed = email.utils.parsedate_to_datetime(text)
        return Fraction(int((parsed - EPOCH).total_seconds())), True
    found = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d(?::?\d\d)?)?", text)
    if not found:
        return None
    day, time, fraction, offset = found.groups()
    try:
        parsed = datetime.datetime.fromisoformat(
            f"{day}T{time}" + ("+00:00" if offset in (None, "Z", "z") else offset))
    except ValueError:
        return None
    whole = (parsed - EPOCH) // datetime.timedelta(seconds=1)
    nanoseconds = int(((fraction or "") + "0" * 9)[:9])
    return whole + Fraction(nanoseconds, 10**9), offset is not None


def spell_time(moment, form, draw):
    """A moment of nanoseconds since 1970."""
    seconds, rest = divmod(moment, 10**9)
    if form == "http":
        return email.utils.format_datetime(
            EPOCH + datetime.timedelta(seconds=seconds), usegmt=True)
    offset = 0 if form == "local" else draw.choice([0, 0, 120, -330, 845, -1])
    shown = EPOCH + datetime.timedelta(seconds=seconds, minutes=offset)
    text = shown.strftime("%Y-%m-%d").rjust(10, "0") + draw.choice("TTt ")
    text += shown.strftime("%H:%M:%S")
    places = draw.choice([0, 3, 6, 9])
    if places or rest:
        text += "." + f"{rest:09}"[:max(places, 1)] + draw.choice(["", "", "9"]) * (places == 9)
    if form == "local":
        return text
    if offset == 0 and draw.random() < 0.6:
        return text + draw.choice("ZZz")
    sign = "-" if offset < 0 else "+"
    minutes = abs(offset) % 60
    between = draw.choice([":", ":", ""])
    if minutes == 0 and draw.random() < 0.2:
        return text + f"{sign}{abs(offset) // 60:02}"
    return text + f"{sign}{abs(offset) // 60:02}{between}{minutes:02}"


def time():
    draw = random.Random(8)
    for number in range(400):
        within = draw.choice([0, 1, 10**6, 5 * 10**9, 3600 * 10**9, 86400 * 10**9])
        form = draw.choice(["rfc3339", "rfc3339", "local", "http"])
        other = form if draw.random() < 0.8 else draw.choice(["rfc3339", "local", "http"])
        old = draw.randrange(-(10**9), 4 * 10**9) * 10**9 + draw.choice(
            [0, 0, draw.randrange(10**9), 500 * 10**6])
        new = old + draw.choice([1, -1]) * draw.choice(
            [0, within, within + 1, within // 2, within + 10**9, 1])
        texts = [spell_time(old, form, draw), spell_time(new, other, draw)]
        if number % 8 == 0:
            texts[1] = draw.choice([
                texts[1].replace("-0", "-1"), texts[1][:-2], texts[1] + "0",
                texts[1].replace(":", "."), "2023-02-29T00:00:00Z", "2024-02-30T00:00:00Z",
                "2023-06-31T12:00:00+00:00", "2023-06-30T24:00:00Z", "2023-06-30T23:60:00Z",
            ])
        instants = list(map(instant, texts)) if number % 8 else [instant(texts[0]), None]
        if number % 8 == 0:
            try:
                instants[1] = instant(texts[1])
            except (ValueError, TypeError):
                instants[1] = None
            if texts[1].endswith("GMT0") or "GMT" in texts[1] and not texts[1].endswith(" GMT"):
                instants[1] = None
        same = texts[0] == texts[1] or (
            None not in instants and instants[0][1] == instants[1][1]
            and abs(instants[0][0] - instants[1][0]) <= Fraction(within, 10**9))
        yield pair({"time": within}, *map(json.dumps, texts), same)


# Bodies

def body(headers, content, document):
    return {"headers": headers, "body": base64.b64encode(content).decode(), "document": document}


NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def tables():
    draw = random.Random(9)
    for number in range(300):
        separator = draw.choice(",,,\t")
        header = draw.random() < 0.4
        columns = draw.randrange(1, 5)
        def field():
            kind = draw.randrange(6)
            if kind == 0:
                return draw.choice(["", "0", "-1.50", "1e5", "01", "1.", "NaN", "+1", " 1", "1 "])
            if kind == 1:
                return repr(draw.uniform(-9, 9))
            return "".join(draw.choice("ab\",\t\n;é 1") for _ in range(draw.randrange(5)))
        rows = [[field() for _ in range(columns)] for _ in range(draw.randrange(1, 6))]
        if header:
            rows.insert(0, [f"c{i}" for i in range(columns)])
        lines = []
        for row in rows:
            fields = []
            for value in row:
                must = any(c in value for c in "\"\n\r" + separator)
                quoted = must or draw.random() < 0.2
                fields.append('"' + value.replace('"', '""') + '"' if quoted else value)
            lines.append(separator.join(fields))
        content = draw.choice(["\n", "\r\n"]).join(lines)
        if number % 5 == 0:
            # Not as RFC 4180 has it: quotes inside and after, rows of other lengths.
            content += draw.choice(['\na"b', '\n"a"b', '\n"a" "b"', '\n1,"2"3,4', '\n""""', '\nx""'])
        if draw.random() < 0.7:
            content += "\n"
        if not content.strip("\n"):
            continue
        reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
        quoted = read_quotes(content, separator)
        shown = [[value for value in row] or [""] for row in reader]
        assert [len(r) for r in shown] == [len(r) for r in quoted], (content, shown, quoted)
        values = [[Decimal(v) if not q and NUMBER.fullmatch(v) else v for v, q in zip(row, flags)]
                  for row, flags in zip(shown, quoted)]
        if header:
            document = [Members((shown[0][i] if i < len(shown[0]) else str(i), v)
                                for i, v in enumerate(row)) for row in values[1:]]
        else:
            document = values
        kind = "text/csv" if separator == "," else "text/tab-separated-values"
        headers = {"Content-Type": kind + ("; charset=utf-8; header=present" if header else "")}
        yield body(headers, content.encode(), json.dumps(plain(document), default=str))


def read_quotes(content, separator):
    """Which fields began with a quote: what csv does not tell."""
    rows, row, start, inside = [], [], True, False
    flags, index = [], 0
    while index < len(content):
        c = content[index]
        if start:
            flags.append(c == '"')
            inside = c == '"'
            start = False
            if inside:
                index += 1
                continue
        if inside:
            if c == '"':
                if content[index + 1:index + 2] == '"':
                    index += 1
                else:
                    inside = False
        elif c == separator:
            start = True
            if index + 1 == len(content) or content[index + 1] in "\r\n":
                flags.append(False)
                start = False
        elif c == "\n":
            rows.append(flags)
            flags, start = [], True
            if content[index + 1:index + 2] in ("\n", "\r"):
                pass
        index += 1
    if flags:
        rows.append(flags)
    return rows


class Plain(dict):
    pass


def plain(value):
    """Values as json writes them; a Decimal by its digits."""
    if isinstance(value, Members):
        return {name: plain(inner) for name, inner in value}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return Digits(value) if isinstance(value, Decimal) else value


class Digits(float):
    """A number that json writes with the digits of a Decimal."""

    def __new__(cls, value):
        made = super().__new__(cls, value)
        made.text = str(value)
        return made

    def __repr__(self):
        return self.text


TYPES = {
    "BOOL": numpy.bool_, "UINT8": numpy.uint8, "UINT16": numpy.uint16, "UINT32": numpy.uint32,
    "UINT64": numpy.uint64, "INT8": numpy.int8, "INT16": numpy.int16, "INT32": numpy.int32,
    "INT64": numpy.int64, "FP16": numpy.float16, "BF16": ml_dtypes.bfloat16,
    "FP32": numpy.float32, "FP64": numpy.float64,
}


def number_text(value):
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def element_text(name, value):
    if name == "BOOL":
        return "true" if value else "false"
    if name in ("FP64",):
        return number_text(value)
    if name in ("FP16", "BF16", "FP32"):
        # The shortest digits of the same number of 32 bits.
        single = numpy.float32(value)
        return str(single) if numpy.isfinite(single) else number_text(single)
    return str(int(value))


def tensors():
    draw = random.Random(10)
    for number in range(200):
        outputs, texts, blobs = [], [], []
        for index in range(draw.randrange(1, 4)):
            name = draw.choice(list(TYPES) + ["BYTES"])
            count = draw.choice([0, 1, 2, 5, 9])
            if name == "BYTES":
                values = ["".join(draw.choice("ab\"\\\x01é\n日") for _ in range(draw.randrange(5)))
                          for _ in range(count)]
                blob = b"".join(struct.pack("<I", len(v.encode())) + v.encode() for v in values)
                data = ",".join(map(json.dumps, values))
            else:
                dtype = numpy.dtype(TYPES[name])
                blob = draw.randbytes(count * dtype.itemsize)
                if name == "BOOL":
                    blob = bytes(b & 1 for b in blob)
                array = numpy.frombuffer(blob, dtype=dtype)
                assert array.tobytes() == blob
                data = ",".join(element_text(name, v) for v in array)
            shape = [len(blob) if False else count]
            head = {"name": f"o{index}", "datatype": name, "shape": shape}
            inline = draw.random() < 0.1
            if inline:
                outputs.append(json.dumps({**head, "data": [1, 2]}))
                texts.append(outputs[-1])
                continue
            head["parameters"] = {"binary_data_size": len(blob)}
            outputs.append(json.dumps(head))
            texts.append(outputs[-1][:-1] + ',"data":[' + data + "]}")
            blobs.append(blob)
        def whole(parts):
            return '{"model_name":"m","outputs":[' + ",".join(parts) + "]}"
        header = whole(outputs).encode()
        yield body(
            {"Content-Type": "application/octet-stream",
             "Inference-Header-Content-Length": str(len(header))},
            header + b"".join(blobs), whole(texts))


def events():
    draw = random.Random(11)
    for number in range(300):
        end = draw.choice(["\n", "\r\n", "\r"])
        lines = []
        for _ in range(draw.randrange(1, 6)):
            if draw.random() < 0.3:
                lines.append(draw.choice([": comment", ":", "retry: 10", "unknown: x", "retry"]))
            if draw.random() < 0.5:
                lines.append(draw.choice(["event: token", "event:done", "event:  two"]))
            if draw.random() < 0.3:
                lines.append(draw.choice(["id: 7", "id:é"]))
            for _ in range(draw.choice([1, 1, 1, 2, 3])):
                lines.append(draw.choice([
                    'data: {"token": "a", "p": 0.5}', "data: [DONE]", "data:", "data", "data:  x",
                    "data: 1.50", 'data: "q"', "data: {", "data: a:b", "data: é日",
                    'data: {"a":', 'data: 1}']))
            lines.append("")
        content = end.join(lines) + end
        decoder = SSEDecoder()
        found, last = [], ""
        for line in re.split("\r\n|\n|\r", content)[:-1]:
            event = decoder.decode(line)
            if event is None:
                continue
            # A stretch of retry and unknown fields alone has no data; here each event has some.
            member = {}
            if event.event != "message":
                member["event"] = event.event
            if event.id != last:
                member["id"] = event.id
            last = event.id
            found.append((member, event.data))
        ids = [re.findall("(?m)^id: ?(.*)$", block) for block in
               re.split("\n\n", re.sub("\r\n|\r", "\n", content))[:-1]]
        assert len(ids) == len(found), (content, found)
        parts = []
        for (member, data), own in zip(found, ids):
            member.pop("id", None)
            inner = [f"{json.dumps(k)}:{json.dumps(v)}" for k, v in member.items()]
            if own:
                inner.append('"id":' + json.dumps(own[-1]))
            try:
                json.loads(data)
                inner.append('"data":' + data)
            except ValueError:
                inner.append('"data":' + json.dumps(data))
            parts.append("{" + ",".join(inner) + "}")
        yield body({"Content-Type": "text/event-stream"}, content.encode(),
                   "[" + ",".join(parts) + "]")


def gzip_member(content, draw):
    out = io.BytesIO()
    name = draw.choice(["", "answer.json"])
    with gzip.GzipFile(name, "wb", draw.choice([1, 6, 9]), out, mtime=0) as file:
        file.write(content)
    return out.getvalue()


def zstd_frame(content, draw):
    level = draw.choice([-5, 1, 3, 19])
    if draw.random() < 0.5:
        return zstandard.ZstdCompressor(
            level=level, write_checksum=draw.random() < 0.5).compress(content)
    made = zstandard.ZstdCompressor(level=level, write_content_size=False).compressobj()
    return made.compress(content) + made.flush()


def deflate(content, wbits, draw):
    made = zlib.compressobj(draw.choice([0, 1, 6, 9] if len(content) < 2000 else [1, 6]), zlib.DEFLATED, wbits)
    return made.compress(content) + made.flush()


def encodings():
    draw = random.Random(12)
    kinds = {
        "gzip": lambda c: gzip_member(c, draw),
        "x-gzip": lambda c: gzip_member(c[:9], draw) + gzip_member(c[9:], draw),
        "deflate": lambda c: deflate(c, draw.choice([9, 12, 15, -15, -9, -12]), draw),
        "br": lambda c: brotli.compress(
            c, quality=draw.choice([0, 5, 11]), lgwin=draw.choice([10, 16, 22, 24])),
        "zstd": lambda c: b"".join([
            draw.choice([b"", b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"]), zstd_frame(c[:7], draw),
            zstd_frame(c[7:], draw)]) if draw.random() < 0.3 else zstd_frame(c, draw),
    }
    for number in range(200):
        kind = draw.randrange(4)
        if kind == 0:
            content = draw.randbytes(draw.randrange(1, 300))
        elif kind == 1:
            content = b"0123456789" * 10 ** draw.randrange(1, 5)
        else:
            content = json.dumps(plain(random_value(draw, 3)), default=str).encode() * 3
        names = draw.choices(list(kinds), k=1 if draw.random() < 0.8 else 2)
        coded = content
        for name in names:
            coded = kinds[name](coded)
        yield {
            "encoding": draw.choice([", ", ","]).join(
                name.upper() if draw.random() < 0.1 else name for name in names),
            "body": base64.b64encode(coded).decode(), "length": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }


for case in [ulp, tolerance, decision, cosine, rank, text, time, equality, tables, tensors, events,
             encodings]:
    write(case.__name__, case())
