"""From the shipped baseline to a world, and every value of its ``world`` table moves something."""

import numpy as np
import pytest

from finance.luck import key_of_seed, name_code
from finance.scenario import load_scenario
from finance.world.curve import discount_factors
from finance.world.kernel import fill_world
from finance.world.prepare import prepare_world


@pytest.fixture(scope="module")
def baseline():
    return load_scenario("baseline").with_changes({"world.window_open_share": 0.6, "world.window_tilt": 0.5})


def world_of(scenario, path=0):
    terms = prepare_world(scenario)
    n = terms.n_quarters
    world = (
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n, np.bool_),
        np.empty((len(terms.sector_code), n)),
    )
    fill_world(terms, *key_of_seed(1), path, *world)
    return world


def test_clock_and_sectors_are_the_scenarios(baseline):
    terms = prepare_world(baseline)
    clock = baseline.clock
    assert terms.switch_quarter == 4 * clock.warm_up_years
    assert terms.n_quarters == 4 * (clock.warm_up_years + clock.simulated_years)
    assert terms.sector_code.tolist() == [name_code(name) for name in baseline.sectors.names]
    by_quarter = (terms.index_drift, terms.discount_drift, terms.deflator_drift, terms.sector_drift)
    assert {values.shape for values in by_quarter} == {(terms.n_quarters,)}


def test_without_volatility_the_discount_is_the_curve_in_constant_prices(baseline):
    scenario = baseline.with_changes({"world.rate_volatility": 0.0, "world.inflation_rate": 0.03})
    years = np.arange(4 * baseline.clock.simulated_years) / 4.0
    curve = baseline.curve
    factors = discount_factors(curve.as_of, curve.tenor_years, curve.yield_to_maturity, years)
    discount = world_of(scenario)[1][4 * baseline.clock.warm_up_years :]
    np.testing.assert_allclose(discount, factors * 1.03**years, rtol=1e-12)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("curve", "chinabond-2024-03-18"),
        ("mean_reversion", 0.5),
        ("rate_volatility", 0.02),
        ("index_volatility", 0.5),
        ("index_premium", 0.09),
        ("index_rate_correlation", 0.4),
        ("window_open_share", 0.3),
        ("window_shut_years", 6.0),
        ("window_tilt", 4.0),
        ("sector_volatility", 0.7),
        ("sector_persistence", 0.2),
        ("sector_correlation", 0.9),
        ("sector_index_loading", -0.6),
        ("inflation_rate", 0.05),
    ],
)
def test_every_value_of_the_world_moves_it(baseline, key, value):
    changed = baseline.with_changes({f"world.{key}": value})
    pairs = [(world_of(baseline, path), world_of(changed, path)) for path in range(5)]
    assert any(
        not np.array_equal(mine, theirs) for base, other in pairs for mine, theirs in zip(base, other, strict=True)
    )


def test_a_premium_without_volatility_is_refused(baseline):
    scenario = baseline.with_changes({"world.index_volatility": 0.0, "world.index_premium": 0.05})
    with pytest.raises(ValueError, match=r"world\.index_premium is 0\.05 but world\.index_volatility is 0"):
        prepare_world(scenario)
