"""What must hold for every set of pacing parameters."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from finance.fund import measures, pacing

thorough = settings(deadline=None, max_examples=200, derandomize=True)

commitments = st.floats(0.1, 1e4)
contribution_rates = st.lists(st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.01, 1.0)), min_size=1, max_size=6)
growth_rates = st.one_of(st.just(0.0), st.floats(-0.5, 0.6))
bows = st.one_of(st.just(0.0), st.floats(0.1, 5.0))
yields = st.one_of(st.just(0.0), st.floats(0.01, 0.5))


@st.composite
def parameter_sets(draw):
    """Positional arguments of the model, yield floor included."""
    life = draw(st.integers(2, 25))
    terms = (draw(commitments), draw(contribution_rates), draw(growth_rates), life, draw(bows), draw(yields))
    return terms


@thorough
@given(parameter_sets(), st.one_of(st.none(), st.integers(2, 30)))
def test_internal_rate_is_the_growth_rate(terms, years):
    projected = pacing.takahashi_alexander(*terms, years=years)
    contribution, distribution = (projected[name].to_numpy() for name in ("contribution", "distribution"))
    flows = distribution - contribution
    flows[-1] += projected["nav"].iloc[-1]
    assume(np.count_nonzero(flows) > 1)
    worths = flows * (1.0 + terms[2]) ** -np.arange(flows.size)
    assert abs(worths.sum()) <= 1e-12 * np.abs(worths).sum()
    if np.count_nonzero(np.diff(np.sign(flows[flows != 0.0]))) == 1:  # else there may be another rate
        assert measures.irr(flows, periods_per_year=1) == pytest.approx(terms[2], abs=1e-9)


@thorough
@given(parameter_sets())
def test_calls_stay_within_the_commitment_and_all_is_given_out_by_the_end(terms):
    commitment, _, growth, life = terms[:4]
    projected = pacing.takahashi_alexander(*terms, years=life + 3)
    assert list(projected.index) == list(range(1, life + 4))
    assert projected["contribution"].min() >= 0.0
    assert projected["contribution"].sum() <= commitment * (1.0 + 1e-12)
    assert projected["distribution"].min() >= 0.0
    # From the end of life on only the same year's call is still there.
    after = projected.loc[life:]
    np.testing.assert_allclose(after["nav"], after["contribution"], rtol=0, atol=1e-9 * commitment)
    grown = (1.0 + growth) * projected["nav"].shift(fill_value=0.0)
    np.testing.assert_allclose(
        projected["nav"],
        grown + projected["contribution"] - projected["distribution"],
        rtol=1e-12,
        atol=1e-12 * commitment,
    )


@thorough
@given(parameter_sets(), st.floats(0.1, 10.0))
def test_twice_the_commitment_is_twice_the_fund(terms, factor):
    one = pacing.takahashi_alexander(*terms)
    other = pacing.takahashi_alexander(factor * terms[0], *terms[1:])
    money = ["contribution", "distribution", "nav"]
    np.testing.assert_allclose(other[money], factor * one[money], rtol=1e-11, atol=1e-12 * factor * terms[0])
    np.testing.assert_array_equal(other["distribution_rate"], one["distribution_rate"])


@thorough
@given(parameter_sets(), bows, yields)
def test_bow_delays_and_a_yield_floor_hastens_distributions(terms, other_bow, other_yield):
    commitment, rates, growth, life, bow, floor = terms

    def nav(bow, floor):
        return pacing.takahashi_alexander(commitment, rates, growth, life, bow, floor)["nav"].to_numpy()

    slack = 1e-9 * commitment
    assert np.all(nav(min(bow, other_bow), floor) <= nav(max(bow, other_bow), floor) + slack)
    assert np.all(nav(bow, max(floor, other_yield)) <= nav(bow, min(floor, other_yield)) + slack)
    rate = pacing.takahashi_alexander(commitment, rates, growth, life, bow, floor)["distribution_rate"]
    assert rate.min() >= floor
    assert rate.iloc[-1] == 1.0


@thorough
@given(parameter_sets(), st.integers(1, 24))
def test_fewer_years_are_the_first_rows(terms, years):
    whole = pacing.takahashi_alexander(*terms)
    years = min(years, len(whole))
    np.testing.assert_array_equal(pacing.takahashi_alexander(*terms, years=years), whole.iloc[:years])
