"""Prints the golden values of AssayStatisticsTests, computed with SciPy.

    python3 Tests/AssayStatisticsTests/golden.py > Tests/AssayStatisticsTests/GoldenValues.swift
"""
import math
from scipy import special, stats

def row(*values):
    return "(" + ", ".join(repr(float(v)) if not isinstance(v, int) else str(v) for v in values) + ")"

def table(name, rows, width):
    kind = "(" + ", ".join(["Double"] * width) + ")"
    print(f"    static let {name}: [{kind}] = [")
    for r in rows:
        print("        " + r + ",")
    print("    ]")

def wilson(x, n, conf):
    r = stats.binomtest(x, n).proportion_ci(conf, method="wilson")
    return r.low, r.high

def newcombe(a, b, c, d, conf):
    n = a + b + c + d
    p1, p2 = (a + b) / n, (a + c) / n
    l1, u1 = wilson(a + b, n, conf)
    l2, u2 = wilson(a + c, n, conf)
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    phi = 0.0
    if margins > 0:
        product = a * d - b * c
        if product > 0:
            product = max(product - n / 2, 0)
        phi = product / math.sqrt(margins)
    def reach(x, y):
        return math.sqrt(max(0, x * x - 2 * phi * x * y + y * y))
    t = p2 - p1
    return t - reach(p2 - l2, u1 - p1), t + reach(u2 - p2, p1 - l1)

def korn_graubard(clusters, conf):
    x = sum(e for e, _ in clusters)
    n = sum(u for _, u in clusters)
    k = len(clusters)
    p = x / n
    v = k / (k - 1) * sum((e - p * u) ** 2 for e, u in clusters) / n**2
    size = min(n, p * (1 - p) / v)
    tail = (1 - conf) / 2
    ratio = stats.t.ppf(tail, n - 1) / stats.t.ppf(tail, k - 1)
    size = min(n, size * ratio**2)
    return (stats.beta.ppf(tail, p * size, size - p * size + 1),
            stats.beta.ppf(1 - tail, p * size + 1, size - p * size))

print("// Made by golden.py with SciPy; do not edit.\n")
print("enum GoldenValues {")
print("    /// x, a, b, I_x(a, b)")
table("beta", [row(x, a, b, special.betainc(a, b, x)) for x, a, b in
    [(0.5, 2.0, 3.0), (0.01, 1.0, 500.0), (0.999, 800.0, 2.5), (0.3, 0.5, 0.5), (0.02, 40.0, 1960.0), (0.0123, 1200.0, 98000.0)]], 4)
print("    /// p, a, b, quantile")
table("betaQuantile", [row(p, a, b, special.betaincinv(a, b, p)) for p, a, b in
    [(0.025, 5.0, 96.0), (0.975, 6.0, 95.0), (0.025, 1.0, 3688.0), (0.5, 0.5, 0.5), (0.9995, 3.7, 41.2), (1e-7, 60.0, 940.0)]], 4)
print("    /// p, quantile")
table("normal", [row(p, stats.norm.ppf(p)) for p in [1e-12, 0.001, 0.025, 0.31, 0.8, 0.975, 0.99999]], 2)
print("    /// p, degrees, quantile")
table("student", [row(p, d, stats.t.ppf(p, d)) for p, d in [(0.025, 1.0), (0.975, 7.0), (0.005, 30.0), (0.9, 5000.0)]], 3)
print("    /// successes, trials, confidence, lower, upper")
def cp(x, n, conf):
    r = stats.binomtest(x, n).proportion_ci(conf, method="exact")
    return r.low, r.high
cases = [(0, 20, 0.95), (3, 20, 0.95), (20, 20, 0.9), (1, 3688, 0.95), (342, 342, 0.95), (97, 5000, 0.99)]
table("clopperPearson", [row(x, n, c, *cp(x, n, c)) for x, n, c in cases], 5)
table("wilson", [row(x, n, c, *wilson(x, n, c)) for x, n, c in cases], 5)
print("    /// both, first, second, neither, confidence, lower, upper")
table("newcombe", [row(a, b, c, d, conf, *newcombe(a, b, c, d, conf)) for a, b, c, d, conf in
    [(36, 12, 2, 0, 0.95), (20, 12, 2, 16, 0.95), (0, 0, 9, 991, 0.95), (3, 1, 8, 488, 0.99), (0, 0, 0, 50, 0.95)]], 7)
print("    /// lower and upper of clustered counts, as in the test")
many = [(i % 3 == 0 and i % 7 or 0, 7) for i in range(40)]
few = [(2, 10), (0, 12), (5, 9), (1, 20)]
table("kornGraubard", [row(*korn_graubard(few, 0.95)), row(*korn_graubard([(int(e), u) for e, u in many], 0.95))], 2)
print("    /// seen, marked, drawn, population, chance of so many or more")
table("hypergeometric", [row(k, m, n, total, stats.hypergeom.sf(k - 1, total, m, n)) for k, m, n, total in
    [(3, 40, 55, 2500), (34, 40, 55, 2500), (1, 5, 5, 10), (5, 5, 5, 10), (700, 900, 5000, 9000), (12, 12, 12, 100000)]], 5)
p = [0.01, 0.04, 0.03, 0.005, 0.2, 0.03]
print("    static let benjaminiHochberg: [Double] = " + repr([float(v) for v in stats.false_discovery_control(p)]))
print("}")
