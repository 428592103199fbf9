"""Random funds with public and private partners, for the tests of contracts."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from finance.policy import contracts

amounts = st.one_of(st.just(0.0), st.floats(0.01, 1000.0))
shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.01, 0.99))
rates = st.one_of(st.just(0.0), st.floats(0.001, 0.30))
columns_in_a_year = st.sampled_from([1, 2, 4])

any_contract = st.one_of(
    st.just(contracts.PariPassu()),
    st.just(contracts.Grant()),
    st.builds(contracts.SeniorDebt, rates),
    st.builds(contracts.BuyOutOption, rates, st.integers(0, 9)),
    st.builds(contracts.CappedPublicReturn, rates, shares),
    st.builds(contracts.FirstLoss, shares),
    st.builds(contracts.LossGuarantee, shares),
    st.builds(contracts.ExcessGiveUp, shares, rates),
    st.builds(contracts.PrivatePriority, rates),
)


@st.composite
def any_fund(draw):
    """Calls of both sides and distributions in any order; each may be nothing at all."""
    n_periods = draw(st.integers(1, 12))
    return tuple(draw(hnp.arrays(float, n_periods, elements=amounts)) for _ in range(3))


@st.composite
def proportional_fund(draw):
    """Both sides pay each call in one proportion, neither of them all of it; distributions at any time."""
    n_periods, public_share = draw(st.integers(1, 12)), draw(st.floats(0.05, 0.95))
    calls, distributions = (draw(hnp.arrays(float, n_periods, elements=amounts)) for _ in range(2))
    calls[0] += 1.0
    return public_share * calls, (1.0 - public_share) * calls, distributions


@st.composite
def upfront_fund(draw):
    """Both sides pay all of it at the start; distributions at any time."""
    distributions = draw(hnp.arrays(float, st.integers(1, 12), elements=amounts))
    public_paid_in, private_paid_in = np.zeros((2, distributions.size))
    public_paid_in[0], private_paid_in[0] = draw(st.floats(1.0, 1000.0)), draw(st.floats(1.0, 1000.0))
    return public_paid_in, private_paid_in, distributions


def random_funds(n_funds, n_periods, seed):
    """Many funds at once: calls early, late, mixed with distributions, by one side only, by none, total losses."""
    generator = np.random.default_rng(seed)
    shape = (3, n_funds, n_periods)
    flows = generator.lognormal(0.0, 2.0, shape) * (generator.random(shape) < 0.4)
    is_early = np.arange(n_periods) < n_periods // 3
    flows[:2, : n_funds // 2] *= is_early
    flows[2, : n_funds // 2] *= ~is_early
    flows *= generator.random((3, n_funds, 1)) < 0.9
    return flows


def scale_of(*flows):
    """Money that rounding is judged against."""
    return 1.0 + sum(np.abs(values).sum() for values in flows)
