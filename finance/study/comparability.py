"""What stands in the way of comparing a scenario with others in a league table."""

from __future__ import annotations

from finance.scenario import Scenario

#: Of a preset: its terms change the whole class of sub-funds, not its own money alone; its cap on the public share lies
#: below what the class has already, so that money waits; it adds no public money; something of the programme is left out.
CAVEATS = ("moves_class", "waits", "no_money", "stand_in")


def caveats(scenario: Scenario, baseline: Scenario) -> tuple[str, ...]:
    """Say why a scenario cannot be compared with others as if it were its own money alone.

    Parameters
    ----------
    scenario, baseline : Scenario

    Returns
    -------
    tuple of str
        Of `CAVEATS`, in their order.
    """
    fund, before = scenario.guidance_fund, baseline.guidance_fund
    name = fund.sub_funds
    own, known = (each.classes[name] if name in each.classes.names else None for each in (scenario, baseline))
    added = fund.commitment + fund.regional_commitment - before.commitment - before.regional_commitment
    found = {
        "moves_class": own is not None and known is not None and own != known,
        "waits": added > 0.0 and known is not None and fund.sub_fund_share_cap < known.public_share,
        "no_money": added <= 0.0 and not _offers_more(scenario, baseline),
        "stand_in": scenario.as_modelled is not None,
    }
    return tuple(caveat for caveat in CAVEATS if found[caveat])


def _offers_more(scenario: Scenario, baseline: Scenario) -> bool:
    """Whether there is public money other than in sub-funds: for platforms or support, or in a class of capital."""
    if scenario.pilot_platform.places > baseline.pilot_platform.places:
        return True
    if any(each.paid_share + each.round_cost > 0.0 for each in scenario.support.in_order()):
        return True
    sums = [
        sum(each.classes[name].capacity * each.classes[name].public_share for name in each.classes.names)
        for each in (scenario, baseline)
    ]
    return sums[0] > sums[1]


def assumed_share(scenario: Scenario) -> float:
    """Share of the values that a scenario sets itself whose source is an assumption; 0 if it sets none."""
    grades = [source.grade for source in scenario.sources.values()]
    return grades.count("A") / len(grades) if grades else 0.0
