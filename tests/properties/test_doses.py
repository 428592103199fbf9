"""Whatever differs and whatever the dose, a dosed scenario is valid and lies where the dose says."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.scenario.shape import at, leaves, values_shape
from tests.support import angels, tiny

BASE = tiny()
NUMBERS = {
    ".".join(path): node
    for path, node, _ in leaves(BASE.values(), values_shape())
    if node.is_number
    and path[-1] not in ("share", "ticket_max")
    and "stage_budgets" not in path
    and path[-2:] != ("growth", "offer_probability")  # of the last stage, which no offer follows
}
DOSES = st.one_of(st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.floats(0, 50))


def within(node):
    """Return values a little inside a number's bounds, of a size that occurs."""
    low = max(node.low, -1e4) + (1e-3 if node.low_open else 0)
    high = min(node.high, 1e4) - (1e-3 if node.high_open else 0)
    if node.type == "whole":
        return st.integers(math.ceil(low), math.floor(high))
    return st.floats(low, high)


@st.composite
def changes(draw):
    """Draw a few changed numbers, and perhaps a class more or fewer."""
    keys = draw(st.lists(st.sampled_from(sorted(NUMBERS)), max_size=6, unique=True))
    changed = {key: draw(within(NUMBERS[key])) for key in keys}
    for table in ("classes.market", "classes.patient"):
        if changed.get(f"{table}.return_premium", 0) < 0:
            changed[f"{table}.subsidised"] = True
    changed |= _keep_pairs(changed)
    if draw(st.booleans()):
        changed["classes.angel"] = angels()
    if draw(st.booleans()):
        # The guidance programme's sub-funds go with the class.
        gone = ("classes.patient", "guidance_fund.")
        changed = {key: value for key, value in changed.items() if not key.startswith(gone)}
        changed["classes.patient"] = {"absent": True}
    return changed


def _keep_pairs(changed):
    """Return what makes the drawn values keep the rules between values."""
    values = BASE.values()
    kept = {}
    for lesser, greater in [
        ("clock.entry_years", "clock.simulated_years"),
        ("ventures.distress_low", "ventures.distress_high"),
        ("classes.market.investment_years", "classes.market.life_years"),
        ("classes.patient.investment_years", "classes.patient.life_years"),
    ]:
        low, high = (changed.get(key, at(values, tuple(key.split(".")))) for key in (lesser, greater))
        if low > high:
            kept[greater] = low
    return kept


@settings(deadline=None, max_examples=80)
@given(changes=changes(), dose=DOSES)
def test_a_dosed_scenario_is_valid_and_lies_where_the_dose_says(changes, dose):
    scenario = BASE.with_changes(changes)
    tables = dict.fromkeys(scenario.values(), dose)
    dosed = scenario.with_dose(tables)  # raises if it breaks a rule
    stopped = {warning.key for warning in dosed.warnings}
    own, below = scenario.values(), BASE.values()
    for path, node, value in leaves(dosed.values(), values_shape()):
        key = ".".join(path)
        first, last = at(below, path), at(own, path)
        if not node.is_number or first is None or last is None or key in stopped:
            continue
        wanted = first + dose * (last - first)
        tolerance = 0.5 if node.type == "whole" else 1e-9 * max(1, abs(wanted))
        assert abs(value - wanted) <= tolerance, key


@settings(deadline=None, max_examples=40)
@given(changes=changes())
def test_dose_0_is_the_baseline_and_dose_1_the_scenario_to_the_bit(changes):
    scenario = BASE.with_changes(changes)
    assert scenario.with_dose(dict.fromkeys(scenario.values(), 0.0)).digest == BASE.digest
    one = scenario.with_dose(dict.fromkeys(scenario.values(), 1.0))
    assert one.values() == scenario.values()
    assert one.digest == scenario.digest


@settings(deadline=None, max_examples=40)
@given(changes=changes(), small=st.floats(0, 1), large=st.floats(0, 1))
def test_more_of_a_dose_never_moves_a_value_back(changes, small, large):
    small, large = sorted((small, large))
    scenario = BASE.with_changes(changes)
    less, more = (scenario.with_dose(dict.fromkeys(scenario.values(), dose)) for dose in (small, large))
    own, below, at_less = scenario.values(), BASE.values(), less.values()
    for path, node, value in leaves(more.values(), values_shape()):
        ends = at(below, path), at(own, path)
        if node.is_number and None not in ends and at(at_less, path) is not None:
            # Mixing two floats may be off by a last digit.
            slack = 1e-12 * max(1.0, *map(abs, ends))
            assert abs(value - ends[0]) >= abs(at(at_less, path) - ends[0]) - slack
