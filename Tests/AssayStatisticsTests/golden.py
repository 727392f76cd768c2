"""Prints the golden values of StatisticsTests.swift: python3 golden.py (needs SciPy)."""

from scipy import special, stats

for x, a, b in [(0.1, 2, 3), (0.5, 0.5, 0.5), (0.9, 40, 7), (1e-4, 3, 4000), (0.37, 120.5, 200.25)]:
    print("beta", x, a, b, repr(float(special.betainc(a, b, x))))
for k, n in [(0, 20), (3, 100), (20, 20), (57, 3688), (0, 3688)]:
    ci = stats.binomtest(k, n).proportion_ci(0.95, method="exact")
    print("cp", k, n, repr(float(ci.low)), repr(float(ci.high)))
for k, n, p in [(5, 100, 0.02), (1, 10, 0.5), (40, 4000, 0.005)]:
    print("tail", k, n, p, repr(float(stats.binom.sf(k - 1, n, p))))
values = [0.01, 0.04, 0.03, 0.005, 0.5]
print("bh", [float(v) for v in stats.false_discovery_control(values)])
for n, q in [(1000, 0.99), (500, 0.5), (60, 0.9)]:
    low = int(stats.binom.ppf(0.025, n, q))
    high = int(stats.binom.ppf(0.975, n, q))
    print("quantile ranks", n, q, low, high, float(stats.binom.cdf(low - 1, n, q)), float(stats.binom.cdf(high, n, q)))
