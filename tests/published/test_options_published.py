"""Options against published prices."""

import numpy as np
import pytest

from finance.world.options import american, bermudan, european


@pytest.mark.parametrize(
    ("spot", "volatility", "years", "by_grid", "at_the_end", "tolerance", "simulated", "standard_error"),
    [
        (36.0, 0.2, 1, 4.478, 3.844, 0.0005, 4.472, 0.010),
        # Two independent methods give 6.9170 for 100 dates, and 6.9235 for any time: the printed 6.920 lies between.
        (40.0, 0.4, 2, 6.920, 6.326, 0.0035, 6.921, 0.022),
    ],
)
def test_longstaff_and_schwartz_puts(
    spot, volatility, years, by_grid, at_the_end, tolerance, simulated, standard_error
):
    # Longstaff and Schwartz (2001), Review of Financial Studies 14(1), Table 1: strike 40, rate .06 continuously
    # compounded, 50 dates a year.
    times = np.arange(1, 50 * years + 1) / 50
    price = bermudan("put", spot, [40.0] * times.size, times, volatility, np.exp(-0.06 * times))
    assert price == pytest.approx(by_grid, abs=tolerance)
    assert price == pytest.approx(simulated, abs=2.0 * standard_error)
    at_one_date = european("put", spot, 40.0, volatility, np.exp(-0.06 * years), float(years))
    assert at_one_date == pytest.approx(at_the_end, abs=0.0005)
    assert at_one_date < price < american("put", spot, 40.0, volatility, np.exp(0.06) - 1.0, float(years))
