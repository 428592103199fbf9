"""Random terms with dates, tiers and maturities, for the tests of contracts."""

import itertools

from hypothesis import strategies as st

from finance.policy import contracts
from tests.properties.partnerships import any_contract, rates, shares

years = st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0, 8.0])


@st.composite
def schedules(draw):
    """Up to three steps; the last goes on."""
    ends = sorted(draw(st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 6.0, 7.0]), max_size=2, unique=True)))
    steps = tuple((until, draw(rates)) for until in [*ends, 9.0])
    return contracts.StrikeSchedule(steps, draw(st.booleans()))


@st.composite
def scheduled_buy_outs(draw, waiting_rates=rates):
    """Windows of any length within the schedule."""
    first, last = sorted((draw(st.integers(0, 9)), draw(st.integers(0, 9))))
    profit_share = draw(st.one_of(st.just(0.0), shares))
    stake_share = draw(st.one_of(st.just(1.0), shares))
    return contracts.ScheduledBuyOut(
        draw(schedules()), float(first), float(last), stake_share, profit_share, draw(waiting_rates)
    )


@st.composite
def tiered_give_ups(draw, rising=False):
    """One to three tiers by multiple or rate."""
    by = draw(st.sampled_from(["multiple", "rate"]))
    thresholds = draw(st.lists(st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.5]), min_size=1, max_size=3, unique=True))
    given_up = [draw(shares) for _ in thresholds]
    given_up = sorted(given_up) if rising else given_up
    offset = 1.0 if by == "multiple" else 0.0
    tiers = tuple((offset + low, share) for low, share in zip(sorted(thresholds), given_up, strict=True))
    return contracts.TieredGiveUp(tiers, by)


debentures = st.builds(
    contracts.Debenture, rates, years, st.sampled_from(["cash", "accruing"]), st.sampled_from([0.0, 1.0, 2.0, 4.0])
)
puts = st.builds(contracts.StakePut, shares, years, rates)
insured = st.builds(contracts.LossGuarantee, shares, rates, st.one_of(st.none(), shares))
staged = st.builds(contracts.StageGiveUp, shares, st.floats(0.01, 1.0), rates)
shared_hurdles = st.builds(contracts.SharedHurdle, rates, shares)

#: Terms of this file, each by itself.
any_term = st.one_of(scheduled_buy_outs(), tiered_give_ups(), debentures, puts, insured, staged, shared_hurdles)

#: Terms that only ever give to private partners, and can stand behind others.
concessions = st.one_of(
    scheduled_buy_outs(waiting_rates=st.just(0.0)),
    tiered_give_ups(),
    puts,
    staged,
    st.builds(contracts.LossGuarantee, shares),
    st.builds(contracts.ExcessGiveUp, shares, rates),
)


@st.composite
def sequences(draw):
    """Any contract, and up to three terms behind it."""
    first = draw(st.one_of(any_contract, any_term))
    return contracts.Sequence((first, *draw(st.lists(st.one_of(concessions, insured), max_size=3))))


def lowered(thresholds_and_shares, by):
    """The same tiers with each threshold halfway down to the one below it, or to none."""
    floor = 1.0 if by == "multiple" else 0.0
    below = itertools.chain([floor], (threshold for threshold, _ in thresholds_and_shares))
    return tuple(
        ((threshold + low) / 2.0, share) for (threshold, share), low in zip(thresholds_and_shares, below, strict=False)
    )
