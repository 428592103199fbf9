"""From a scenario to the numbers of its world: the only place in this folder that reads a scenario."""

import numpy as np
from numpy.typing import NDArray

from finance.scenario import Scenario
from finance.world.curve import discount_factors
from finance.world.terms import WorldNumbers, WorldTerms, world_terms


def prepare_world(scenario: Scenario) -> WorldTerms:
    """Bootstrap a scenario's curve and work out its world.

    Parameters
    ----------
    scenario : Scenario
        A checked scenario.

    Returns
    -------
    WorldTerms
        What `finance.world.kernel.fill_world` needs.

    Raises
    ------
    ValueError
        As `finance.world.terms.world_terms` and `finance.world.curve.discount_factors`.
    """
    world, curve = scenario.world, scenario.curve

    def discount_factor(years: NDArray[np.float64]) -> NDArray[np.float64]:
        return discount_factors(curve.as_of, curve.tenor_years, curve.yield_to_maturity, years)

    numbers = WorldNumbers(
        warm_up_years=scenario.clock.warm_up_years,
        simulated_years=scenario.clock.simulated_years,
        discount_factor=discount_factor,
        mean_reversion=world.mean_reversion,
        rate_volatility=world.rate_volatility,
        index_volatility=world.index_volatility,
        index_premium=world.index_premium,
        index_rate_correlation=world.index_rate_correlation,
        window_open_share=world.window_open_share,
        window_shut_years=world.window_shut_years,
        window_tilt=world.window_tilt,
        sector_names=tuple(scenario.sectors.names),
        sector_volatility=world.sector_volatility,
        sector_persistence=world.sector_persistence,
        sector_correlation=world.sector_correlation,
        sector_index_loading=world.sector_index_loading,
        inflation_rate=world.inflation_rate,
    )
    return world_terms(numbers)
