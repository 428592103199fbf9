"""Time internal rates of return against other ways to find them: ``python -m benchmarks.irr``.

Each way gets the same flows, 100,000 funds of 80 quarters (a loop over rows gets the first so many, and its time
is scaled up). ``seconds`` is the best of three, without compilation; ``rows without a rate`` is what it gave up on,
and ``wrong rows`` counts rates at which the flows are not worth nothing (more than 1e-9 of their gross value):
fast and wrong is no gain. numpy-financial is timed where it is installed; the project does not depend on it.
"""

import importlib.util
import time
from collections.abc import Callable

import numpy as np
import pyxirr

from finance.fund.measures import irr

N_PATHS, N_PERIODS = 100_000, 80
LOOP_ROWS = {"pyxirr in a loop": 100_000, "numpy-financial in a loop": 500}
WRONG_SHARE = 1e-9


def simulated_funds() -> np.ndarray:
    """Calls for five years, exits from year three; nearly all of them change sign once or a few times."""
    generator = np.random.default_rng(5)
    shape = (N_PATHS, N_PERIODS)
    quarter = np.arange(N_PERIODS)
    calls = np.where(quarter < 20, generator.exponential(size=shape), 0.0)
    exits = np.where(quarter > 12, generator.lognormal(-1.0, 1.2, shape), 0.0) * (generator.random(shape) < 0.2)
    return generator.lognormal(0.0, 1.2, (N_PATHS, 1)) * exits - calls


def by_bisection(flows: np.ndarray) -> np.ndarray:
    """Halve a bracket of the rate a period, from -0.9 to 1, sixty times; all rows at once, by Horner's scheme."""
    low, high = np.full(len(flows), -0.9), np.ones(len(flows))
    columns = np.ascontiguousarray(flows.T)
    for _ in range(60):
        middle = 0.5 * (low + high)
        weight = 1.0 / (1.0 + middle)
        value = np.zeros(len(flows))
        for column in columns[::-1]:
            value = value * weight + column
        low, high = np.where(value > 0.0, middle, low), np.where(value > 0.0, high, middle)
    return 0.5 * (low + high)


def in_a_loop(rate_of: Callable[[np.ndarray], float | None]) -> Callable[[np.ndarray], np.ndarray]:
    """Apply a function of one row to every row; None is no rate."""
    return lambda flows: np.array([rate_of(row) for row in flows], dtype=float)


def ways() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Every way by its name; each gives rates a period."""
    found = {
        "finance.fund.measures": lambda flows: irr(flows, periods_per_year=1),
        "NumPy bisection": by_bisection,
        "pyxirr in a loop": in_a_loop(lambda row: pyxirr.irr(row, silent=True)),
    }
    if importlib.util.find_spec("numpy_financial"):
        import numpy_financial

        found["numpy-financial in a loop"] = in_a_loop(numpy_financial.irr)
    return found


def n_wrong(flows: np.ndarray, rates: np.ndarray) -> int:
    """Count rates at which a row is not worth nothing."""
    steps = np.arange(flows.shape[1])
    growth = np.log1p(rates)[:, np.newaxis]
    worths = flows * np.exp(-growth * (steps - np.where(growth >= 0.0, 0, flows.shape[1] - 1)))
    return np.count_nonzero(np.abs(worths.sum(axis=1)) > WRONG_SHARE * np.abs(worths).sum(axis=1))


def main() -> None:
    """Measure and print."""
    flows = simulated_funds()
    irr(flows[:2])  # compiles, or loads what was compiled
    print(f"{'way':<28}{'seconds':>10}{'rows without a rate':>22}{'wrong rows':>12}{'rows':>10}")
    for name, rates_of in ways().items():
        rows = flows[: LOOP_ROWS.get(name, N_PATHS)]
        seconds = []
        for _ in range(3):
            begun = time.perf_counter()
            rates = rates_of(rows)
            seconds.append(time.perf_counter() - begun)
        has_rate = np.isfinite(rates) & (rates > -1.0)
        scaled = min(seconds) * N_PATHS / len(rows)
        wrong = n_wrong(rows[has_rate], rates[has_rate])
        print(f"{name:<28}{scaled:10.2f}{np.count_nonzero(~has_rate):>22,}{wrong:>12,}{len(rows):>10,}")


if __name__ == "__main__":
    main()
