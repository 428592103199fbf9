"""Values within a stage: what a bridge at the price of the continuing value does to those who do not pay it."""

from pathlib import Path

import numpy as np
import pytest

from finance.market.grids import QUALITY, SIGNAL, entrant_quality
from finance.market.laws import quarterly_factor, stage_laws
from finance.market.staging import Circumstances, company_values, owner_values, owner_values_by_life, success_odds
from finance.market.terms import names_of, terms_of
from finance.scenario import load_scenario

TINY = Path(__file__).parents[1] / "scenarios" / "tiny.toml"
FACTOR = quarterly_factor(0.1)
SUCCESS = 40.0 * np.exp(0.8 * QUALITY)
POOL = entrant_quality(0.3, -2.0, 0.7)


@pytest.fixture(scope="module")
def law():
    scenario = load_scenario(str(TINY))
    return stage_laws(terms_of(scenario, names_of(scenario)), 0)[0]


def circumstances(rights, odds=1.0):
    return Circumstances(FACTOR, attempts=4, patience=40, odds=odds, rights=rights)


def test_bridges_are_paid_for_and_extensions_too(law):
    values = company_values(law, POOL, SUCCESS, circumstances(0.0))
    assert len(law.attempts) > 1
    assert ((values.bridge_kept[1] > 0.0) & (values.bridge_kept[1] < 1.0)).any()
    assert ((values.extension_kept > 0.0) & (values.extension_kept < 1.0)).any()


def test_on_average_over_the_pool_it_is_all_the_same_who_pays(law):
    """A bridge at the expected value is fair; only at nodes where it is just worth its cost do they differ."""
    diluted = company_values(law, POOL, SUCCESS, circumstances(0.0))
    paid = company_values(law, POOL, SUCCESS, circumstances(1.0))
    np.testing.assert_allclose(diluted.fresh, paid.fresh, rtol=5e-3, atol=1e-6 * SUCCESS.max())


def test_the_weak_gain_and_the_good_lose(law):
    """All sell the same part for the same cash, whatever they are worth."""
    diluted = company_values(law, POOL, SUCCESS, circumstances(0.0)).by_quality[0]
    paid = company_values(law, POOL, SUCCESS, circumstances(1.0)).by_quality[0]
    middle = len(SIGNAL) // 2
    change = diluted[:, middle] - paid[:, middle]
    assert change[0] > 0.0 > change[-1]
    crossings = np.diff(np.sign(change[np.abs(change) > 1e-9]))
    assert (crossings != 0.0).sum() == 1


@pytest.mark.parametrize("rights", [0.0, 0.4, 1.0])
def test_an_owner_like_the_company_values_it_like_the_company(law, rights):
    here = circumstances(rights, odds=0.8)
    company = company_values(law, POOL, SUCCESS, here)
    np.testing.assert_allclose(owner_values(law, company, SUCCESS, FACTOR, here), company.by_quality[0], rtol=1e-12)
    nodes = 41
    by_life = np.repeat(SUCCESS[:, None], nodes, axis=1)
    limited = owner_values_by_life(law, company, by_life, FACTOR, here, 0.7)
    np.testing.assert_allclose(limited[:, :, -1], company.by_quality[0], rtol=1e-9, atol=1e-9)


def test_who_pays_changes_no_odds(law):
    here = circumstances(0.0)
    company = company_values(law, POOL, SUCCESS, here)
    odds = success_odds(law, company, here)
    assert ((odds >= law.attempts[0].success[:, None] * 0.5) & (odds <= 1.0)).all()
    np.testing.assert_array_equal(odds, success_odds(law, company, here._replace(rights=1.0)))
