"""What must hold for every fund: the definition of each measure, and what does not move it."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from finance.fund import measures
from finance.fund.measures import IrrStatus, irr, irr_status

# The first call compiles, so no deadline; the same examples every time, so that a failure can be met again.
thorough = settings(deadline=None, max_examples=200, derandomize=True)

amounts = st.one_of(st.just(0.0), st.floats(0.01, 1000.0))
any_flow = st.one_of(st.just(0.0), st.floats(-1000.0, -0.01), st.floats(0.01, 1000.0))
any_flows = hnp.arrays(float, st.integers(1, 30), elements=any_flow)
levels = st.floats(0.5, 2.0)


@st.composite
def ordinary_flows(draw):
    """Flows that are paid out first and come back after: one change of sign, so one root."""
    paid_in = draw(hnp.arrays(float, st.integers(1, 12), elements=amounts))
    received = draw(hnp.arrays(float, st.integers(1, 18), elements=amounts))
    assume(paid_in.any() and received.any())
    return np.concatenate([-paid_in, received])


@st.composite
def funds(draw):
    """Draw calls, then distributions, a final value and an index; neither side is empty."""
    n_calls, n_periods = draw(st.integers(1, 8)), draw(st.integers(9, 20))
    paid_in, distributed = np.zeros(n_periods), np.zeros(n_periods)
    paid_in[:n_calls] = draw(hnp.arrays(float, n_calls, elements=amounts))
    distributed[n_calls:] = draw(hnp.arrays(float, n_periods - n_calls, elements=amounts))
    assume(paid_in.any() and distributed.any())
    index = np.cumprod(draw(hnp.arrays(float, n_periods, elements=levels)))
    return paid_in, distributed, draw(amounts), index


@st.composite
def funds_that_are_the_index(draw):
    """Let calls buy the index and distributions sell a share of it; the value is what is left."""
    n_calls, n_periods = draw(st.integers(1, 6)), draw(st.integers(7, 20))
    paid_in = np.zeros(n_periods)
    paid_in[:n_calls] = draw(hnp.arrays(float, n_calls, elements=st.floats(1.0, 100.0)))
    sold_share = np.zeros(n_periods)
    # Nothing, or a share that stays a number when it is multiplied: denormals have no rate of return.
    shares = st.one_of(st.just(0.0), st.floats(1e-6, 1.0))
    sold_share[n_calls:] = draw(hnp.arrays(float, n_periods - n_calls, elements=shares))
    index = np.cumprod(draw(hnp.arrays(float, n_periods, elements=levels)))
    distributed, nav = np.zeros(n_periods), np.zeros(n_periods)
    units = 0.0
    for column in range(n_periods):
        units += paid_in[column] / index[column]
        distributed[column] = sold_share[column] * units * index[column]
        units *= 1 - sold_share[column]
        nav[column] = units * index[column]
    assume(distributed.any())
    return paid_in, distributed, nav, index


def with_final(flows, final):
    completed = flows.copy()
    completed[-1] += final
    return completed


def log_growth(flows):
    return np.log1p(irr(flows, periods_per_year=1))


# --- internal rate -----------------------------------------------------------------------------------


@thorough
@given(any_flows)
def test_value_at_the_internal_rate_is_zero(flows):
    status = irr_status(flows)
    rate = irr(flows, periods_per_year=1)
    assert np.isnan(rate) == (status not in (IrrStatus.FOUND, IrrStatus.TOTAL_LOSS))
    assert status != IrrStatus.NOT_CONVERGED
    if status == IrrStatus.FOUND:
        used = np.flatnonzero(flows)
        anchor = used[0] if rate >= 0 else used[-1]
        worths = flows[used] * np.exp(-np.log1p(rate) * (used - anchor))
        assert abs(worths.sum()) <= 1e-11 * np.abs(worths).sum()


@thorough
@given(any_flows)
def test_status_follows_from_the_signs(flows):
    signs = np.sign(flows[flows != 0])
    n_changes = np.count_nonzero(np.diff(signs))
    status = irr_status(flows)
    if signs.size == 0:
        assert status == IrrStatus.NO_FLOW
    elif n_changes == 0:
        assert status == (IrrStatus.TOTAL_LOSS if signs[0] < 0 else IrrStatus.NO_OUTFLOW)
    elif n_changes % 2 == 1:
        assert status == IrrStatus.FOUND  # an odd number of changes always has a root
    else:
        assert status in (IrrStatus.FOUND, IrrStatus.NO_ROOT)


@thorough
@given(ordinary_flows(), st.floats(-150.0, 150.0))
def test_unit_of_money_does_not_matter(flows, log_scale):
    assert log_growth(np.exp(log_scale) * flows) == pytest.approx(log_growth(flows), rel=1e-11, abs=1e-12)


@thorough
@given(any_flows, st.integers(0, 5), st.integers(0, 5))
def test_empty_periods_before_and_after_do_not_matter(flows, before, after):
    padded = np.concatenate([np.zeros(before), flows, np.zeros(after)])
    np.testing.assert_array_equal(irr(padded), irr(flows))
    assert irr_status(padded) == irr_status(flows)


@thorough
@given(any_flows)
def test_the_other_party_has_the_same_rate(flows):
    assume(flows.min() < 0 < flows.max())
    assert irr_status(-flows) == irr_status(flows)
    assert log_growth(-flows) == pytest.approx(log_growth(flows), rel=1e-9, abs=1e-9, nan_ok=True)


@thorough
@given(ordinary_flows())
def test_backwards_in_time_growth_is_the_inverse(flows):
    assert log_growth(flows[::-1]) == pytest.approx(-log_growth(flows), rel=1e-11, abs=1e-12)


@thorough
@given(ordinary_flows(), st.sampled_from([1, 2, 4, 12]))
def test_years_compound_periods(flows, periods_per_year):
    rate = irr(flows, periods_per_year=periods_per_year)
    assume(rate > -1.0 + 1e-13)  # nearer to -1 it has no digits left
    growth = np.log1p(rate)
    assert growth == pytest.approx(periods_per_year * log_growth(flows), rel=1e-3 if growth < -20 else 1e-6)


@thorough
@given(ordinary_flows(), st.floats(0.01, 100.0))
def test_more_received_is_a_higher_rate(flows, gift):
    # At a very high rate a late gift is worth less than rounding shows, so: higher where it shows, never lower.
    before, after = irr(flows), irr(with_final(flows, gift))
    assert after >= before * (1.0 - 1e-12) if before > 0 else after >= before
    shows = gift * (1.0 + before / 4.0) ** -float(flows.size) > 1e-9 * np.abs(flows).max() if before > -1.0 else False
    assert after > before or not shows or before == pytest.approx(-1.0, abs=1e-9)


@thorough
@given(st.floats(-0.9, 3.0), st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_an_account_at_a_rate_has_that_rate(rate, drawn_shares):
    balance, flows = 100.0, [-100.0]
    for share in drawn_shares:
        balance *= 1 + rate
        flows.append(share * balance)
        balance -= flows[-1]
    assert irr(with_final(np.array(flows), balance), periods_per_year=1) == pytest.approx(rate, abs=1e-11)


@thorough
@given(hnp.arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 9)), elements=any_flow))
def test_many_vectors_are_each_by_itself(flows):
    expected = [[irr(vector) for vector in row] for row in flows]
    np.testing.assert_array_equal(irr(flows), expected)


# --- a fund that is the index ------------------------------------------------------------------------


@thorough
@given(funds_that_are_the_index())
def test_the_index_against_itself(fund):
    paid_in, distributed, nav, index = fund
    final = (paid_in, distributed, nav[-1], index)
    carried = np.sum(paid_in * index[-1] / index)
    assert measures.ks_pme(*final) == pytest.approx(1.0, rel=1e-11)
    assert measures.direct_alpha(*final) == pytest.approx(0.0, abs=1e-9)
    assert measures.ln_nav(*final) == pytest.approx(nav[-1], abs=1e-11 * carried)
    assert measures.pme_plus_scale(*final) * np.sum(distributed / index) == pytest.approx(
        np.sum(distributed / index), abs=1e-11 * np.sum(paid_in / index)
    )


@thorough
@given(funds_that_are_the_index())
def test_every_method_gives_the_index_its_own_rate(fund):
    paid_in, distributed, nav, index = fund
    assume(distributed.sum() > 0.01 * paid_in.sum())  # PME+ divides by distributions
    own_growth = log_growth(with_final(distributed - paid_in, nav[-1]))
    for equivalent in (
        measures.ln_pme(paid_in, distributed, nav[-1], index),
        measures.pme_plus(paid_in, distributed, nav[-1], index),
        measures.mpme(paid_in, distributed, nav, index),
    ):
        assert np.log1p(equivalent) == pytest.approx(own_growth, abs=1e-8)


# --- any fund ------------------------------------------------------------------------------------------


@thorough
@given(funds(), st.floats(-0.2, 0.5))
def test_against_steady_growth_every_equivalent_is_that_growth(fund, rate):
    paid_in, distributed, nav, _ = fund
    index = 50.0 * (1 + rate) ** np.arange(paid_in.size)
    left = measures.ln_nav(paid_in, distributed, nav, index)
    if left >= 0:
        assert measures.ln_pme(paid_in, distributed, nav, index) == pytest.approx(rate, abs=1e-9)
    elif left < -1e-9 * np.sum(paid_in * index[-1] / index):  # nearer to nothing than that, rounding decides
        assert np.isnan(measures.ln_pme(paid_in, distributed, nav, index))
    assert measures.pme_plus(paid_in, distributed, nav, index) == pytest.approx(rate, abs=1e-9)
    assert measures.mpme(paid_in, distributed, np.full(paid_in.size, nav), index) == pytest.approx(rate, abs=1e-9)
    # Excess growth is the ratio of the two growths.
    own = irr(with_final(distributed - paid_in, nav), periods_per_year=1)
    alpha = measures.direct_alpha(paid_in, distributed, nav, index)
    assert (1 + alpha) * (1 + rate) == pytest.approx(1 + own, rel=1e-9)


@thorough
@given(funds())
def test_scaled_distributions_leave_the_index_at_the_value_of_the_fund(fund):
    paid_in, distributed, nav, index = fund
    scale = measures.pme_plus_scale(*fund)
    assume(scale >= 0)
    carried = np.sum(paid_in * index[-1] / index)
    assert measures.ln_nav(paid_in, scale * distributed, nav, index) == pytest.approx(nav, abs=1e-11 * carried)


@thorough
@given(funds())
def test_ratio_above_one_is_positive_alpha(fund):
    ratio, alpha = measures.ks_pme(*fund), measures.direct_alpha(*fund)
    assume(abs(ratio - 1) > 1e-9)
    assert (ratio > 1) == (alpha > 0)


@thorough
@given(funds())
def test_ratio_and_position_are_one_statement(fund):
    paid_in, _, nav, index = fund
    carried = np.sum(paid_in * index[-1] / index)
    excess = (measures.ks_pme(*fund) - 1) * carried
    assert nav - measures.ln_nav(*fund) == pytest.approx(excess, rel=1e-9, abs=1e-10 * (carried + nav))


@thorough
@given(funds(), st.floats(0.001, 1000.0), st.floats(0.001, 1000.0))
def test_units_of_money_and_index_do_not_matter(fund, unit, index_unit):
    paid_in, distributed, nav, index = fund
    other = (unit * paid_in, unit * distributed, unit * nav, index_unit * index)
    for measure in (measures.ks_pme, measures.pme_plus_scale):
        assert measure(*other) == pytest.approx(measure(*fund), rel=1e-9, abs=1e-9)
    assert measures.ln_nav(*other) == pytest.approx(unit * measures.ln_nav(*fund), rel=1e-7, abs=1e-6 * unit)
    for measure in (measures.pme_plus, measures.direct_alpha):
        assert measure(*other) == pytest.approx(measure(*fund), rel=1e-7, abs=1e-9)


@thorough
@given(funds())
def test_against_cash_the_ratio_is_the_multiple(fund):
    paid_in, distributed, nav, _ = fund
    multiple = measures.tvpi(paid_in, distributed, nav)
    assert measures.ks_pme(paid_in, distributed, nav, 1.0) == pytest.approx(multiple, rel=1e-13)
    assert multiple == measures.dpi(paid_in, distributed) + measures.rvpi(paid_in, nav)
    assert measures.dpi(paid_in, distributed) == pytest.approx(distributed.sum() / paid_in.sum(), rel=1e-13)


@thorough
@given(
    hnp.arrays(float, st.tuples(st.integers(1, 50), st.integers(1, 5)), elements=amounts),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
def test_call_at_risk_lies_among_the_calls_and_rises_with_safety(calls, one, other):
    less, more = (measures.call_at_risk(calls, probability) for probability in sorted((one, other)))
    slack = 1e-12 * calls.max()
    assert np.all(less <= more + slack)
    assert np.all(calls.min(axis=0) <= less + slack)
    assert np.all(more <= calls.max(axis=0) + slack)
    # At most the promised share of paths, and the one interpolated towards, call more.
    n_above = (calls > more + slack).sum(axis=0)
    assert np.all(n_above <= (1 - max(one, other)) * (len(calls) - 1) + 1e-9 + 1)
