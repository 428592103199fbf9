"""What must hold between values; each breach is said by itself."""

import copy

import pytest

from finance.policy.sub_funds import contract_with, valuation_years
from finance.scenario.policy_rules import DATED_CONTRACTS
from finance.scenario.schema_policy import CONTRACTS
from tests.support import angels, found, put, tiny, tiny_content, write_delta, write_scenario


def second_sector() -> dict:
    return copy.deepcopy(tiny_content()["sectors"]["lab"])


def two_sectors(share=0.5) -> dict:
    content = put(tiny_content(), "sectors.order", ["lab", "field"])
    put(content, "sectors.field", second_sector())
    put(content, "sectors.lab.share", 0.5)
    return put(content, "sectors.field.share", share)


def problems_with(folder, content) -> set[tuple[str, str]]:
    return found(write_scenario(folder, "tiny", content))


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("clock.entry_years", 7, ("clock.entry_years", "above_other")),
        ("ventures.distress_low", 0.5, ("ventures.distress_low", "above_other")),
        ("classes.patient.investment_years", 13, ("classes.patient.investment_years", "above_other")),
        ("classes.patient.return_premium", -0.01, ("classes.patient.return_premium", "below_social_rate")),
        ("classes.patient.stages", [], ("classes.patient.stages", "mandate_empty")),
        ("classes.market.stages", ["seed", "late"], ("classes.market.stages", "stage_unknown")),
        ("classes.market.stages", ["seed", "seed"], ("classes.market.stages", "order_twice")),
        (
            "classes.patient.stage_budgets",
            {"growth": 0.1},
            ("classes.patient.stage_budgets.growth", "budget_outside_mandate"),
        ),
        (
            "classes.patient.stage_budgets",
            {"seed": 0.6, "pilot": 0.5},
            ("classes.patient.stage_budgets", "budgets_above_one"),
        ),
        (
            "classes.patient.incapacity",
            {"space": "pilot"},
            ("classes.patient.incapacity.space", "sector_unknown"),
        ),
        ("classes.patient.incapacity", {"lab": "late"}, ("classes.patient.incapacity.lab", "stage_unknown")),
        ("classes.order", ["market"], ("classes.order", "order_missing")),
        ("classes.order", ["market", "patient", "angel"], ("classes.order", "order_unknown")),
        ("classes.order", ["market", "patient", "market"], ("classes.order", "order_twice")),
        ("sectors.lab.stages.order", ["seed", "growth"], ("sectors.lab.stages.order", "order_missing")),
        ("sectors.lab.share", 0.9, ("sectors", "shares_not_one")),
        ("sectors.lab.stages", {"order": []}, ("sectors.lab.stages.order", "order_empty")),
        (
            "sectors.lab.stages.growth.offer_probability",
            0.01,
            ("sectors.lab.stages.growth.offer_probability", "offer_after_last"),
        ),
        ("entry.entrants_a_year", 65_000, ("entry.entrants_a_year", "out_of_range")),
    ],
)
def test_each_rule_between_values(tmp_path, path, value, problem):
    assert problem in problems_with(tmp_path, put(tiny_content(), path, value))


@pytest.mark.parametrize("name", ["all", "late money", "a.b", "资本"])
def test_names_that_no_table_may_have(tmp_path, name):
    content = tiny_content()
    content["classes"]["order"].append(name)
    content["classes"][name] = angels()
    assert (f"classes.{name}", "bad_table_name") in problems_with(tmp_path, content)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("clock.entry_years", 6),
        ("ventures.distress_low", 0.4),
        ("classes.patient.investment_years", 12),
        ("classes.patient.stage_budgets", {"seed": 0.7, "pilot": 0.3}),
        ("classes.patient.stage_budgets", {"seed": 0.1, "pilot": 0.9}),
        ("classes.patient.incapacity", {"lab": "pilot"}),
        ("classes.order", ["patient", "market"]),
    ],
)
def test_what_stays_just_within_the_rules(tmp_path, path, value):
    assert problems_with(tmp_path, put(tiny_content(), path, value)) == set()


def test_a_subsidised_class_may_ask_less_than_the_social_rate(tmp_path):
    content = put(tiny_content(), "classes.patient.return_premium", -0.05)
    assert problems_with(tmp_path, put(content, "classes.patient.subsidised", True)) == set()


@pytest.mark.parametrize(("share", "problems"), [(0.5, set()), (0.4, {("sectors", "shares_not_one")})])
def test_sector_shares_sum_to_one(tmp_path, share, problems):
    assert problems_with(tmp_path, two_sectors(share)) == problems


def test_shares_that_decimals_cannot_sum_exactly_are_one(tmp_path):
    content = two_sectors(0.2)
    content["sectors"]["order"].append("sea")
    content["sectors"]["sea"] = second_sector() | {"share": 0.1}
    content["sectors"]["lab"]["share"] = 0.7
    assert 0.7 + 0.2 + 0.1 != 1.0
    assert problems_with(tmp_path, content) == set()


def test_a_stage_keeps_its_place_in_every_sector(tmp_path):
    content = put(two_sectors(), "sectors.field.stages.order", ["pilot", "seed", "growth"])
    assert problems_with(tmp_path, content) == {
        ("sectors.lab.stages.order", "stages_crossed"),
        ("sectors.field.stages.order", "stages_crossed"),
    }


def test_stages_that_only_cross_through_a_third_sector_are_found(tmp_path):
    content = two_sectors(0.25)
    content["sectors"]["order"].append("sea")
    content["sectors"]["sea"] = second_sector() | {"share": 0.25}
    chains = {"lab": ["seed", "pilot"], "field": ["pilot", "growth"], "sea": ["growth", "seed"]}
    for sector, chain in chains.items():
        stages = content["sectors"][sector]["stages"]
        content["sectors"][sector]["stages"] = {"order": chain, **{name: stages[name] for name in chain}}
        put(content, f"sectors.{sector}.stages.{chain[-1]}.offer_probability", 0.0)
    assert {message for _, message in problems_with(tmp_path, content)} == {"stages_crossed"}


def test_other_sectors_or_stages_make_another_calibration(tmp_path):
    write_scenario(tmp_path, "tiny", tiny_content())
    stages = {"order": ["seed", "growth"], "pilot": {"absent": True}}
    classes = {"patient": {"stages": ["seed"], "stage_budgets": {"absent": True}}}
    classes["market"] = {"stages": ["seed", "growth"]}
    tables = {"sectors": {"lab": {"stages": stages}}, "classes": classes}
    path = write_delta(tmp_path, "short", "tiny", **tables)
    assert found(path) == {("sectors.lab.stages.order", "not_the_references")}
    assert found(write_delta(tmp_path, "short", "tiny", **tables, reference=True)) == set()


def test_another_order_of_sectors_makes_another_calibration(tmp_path):
    write_scenario(tmp_path, "tiny", two_sectors())
    path = write_delta(tmp_path, "turned", "tiny", sectors={"order": ["field", "lab"]})
    assert found(path) == {("sectors.order", "not_the_references")}


def test_rules_are_checked_although_other_values_are_wrong(tmp_path):
    content = put(put(tiny_content(), "clock.entry_years", 7), "market.queue", "none")
    content["sectors"]["lab"]["share"] = "much"
    assert problems_with(tmp_path, content) == {
        ("clock.entry_years", "above_other"),
        ("market.queue", "not_allowed"),
        ("sectors.lab.share", "wrong_type"),
    }


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("tax.relieved", ["angels"], "tax.relieved"),
        ("guidance_fund.commitment", 5.0, "guidance_fund.sub_funds"),
        ("guidance_fund.regional_commitment", 5.0, "guidance_fund.diverted_from"),
    ],
)
def test_classes_that_policy_names_are_there(tmp_path, path, value, key):
    content = put(put(tiny_content(), "guidance_fund.sub_funds", "nobody"), "guidance_fund.diverted_from", "nobody")
    assert (key, "class_unknown") in problems_with(tmp_path, put(content, path, value))


BUY_OUT = {"guidance_fund.contract": "scheduled-buy-out"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (BUY_OUT, ("guidance_fund.contract_steps", "steps_missing")),
        ({"guidance_fund.contract": "tiered-give-up"}, ("guidance_fund.contract_steps", "steps_missing")),
        (
            BUY_OUT | {"guidance_fund.contract_steps": [[4.0, 0.01], [3.0, 0.05]]},
            ("guidance_fund.contract_steps", "steps_wrong"),
        ),
        (BUY_OUT | {"guidance_fund.contract_steps": [[4.0, 1.01]]}, ("guidance_fund.contract_steps", "steps_wrong")),
        (BUY_OUT | {"guidance_fund.contract_steps": [[0.0, 0.01]]}, ("guidance_fund.contract_steps", "steps_wrong")),
        (
            {"guidance_fund.contract": "tiered-give-up", "guidance_fund.contract_steps": [[0.9, 0.5]]},
            ("guidance_fund.contract_steps", "steps_wrong"),
        ),
        (BUY_OUT | {"guidance_fund.contract_steps": [[4.0]]}, ("guidance_fund.contract_steps", "wrong_type")),
        ({"guidance_fund.contract_steps": ["x"]}, ("guidance_fund.contract_steps", "wrong_type")),
        ({"guidance_fund.contract_steps": 3.0}, ("guidance_fund.contract_steps", "wrong_type")),
        ({"tax.holding_relief": [[float(k), 0.1] for k in range(5)]}, ("tax.holding_relief", "steps_too_many")),
        ({"tax.holding_relief": [[3.0, 0.5], [2.0, 1.0]]}, ("tax.holding_relief", "steps_wrong")),
    ],
)
def test_steps_are_in_order_and_as_many_as_are_needed(tmp_path, changes, problem):
    content = tiny_content()
    for path, value in changes.items():
        put(content, path, value)
    assert problems_with(tmp_path, content) == {problem}


@pytest.mark.parametrize(
    ("term", "problem"),
    [
        ({"contract": "put"}, None),
        ({"contract": "scheduled-buy-out", "steps": [[4.0, 0.01], [8.0, 0.05]]}, None),
        ({"contract": "scheduled-buy-out"}, ("steps", "steps_missing")),
        ({"contract": "tiered-give-up", "steps": [[0.9, 0.5]]}, ("steps", "steps_wrong")),
        ({"contract": "tiered-give-up", "steps": [[1.0]]}, ("steps", "wrong_type")),
        ({"contract": "first-loss"}, ("contract", "not_allowed")),
        ({"contract": "put", "share": 1.5}, ("share", "out_of_range")),
        ({"contract": "put", "stage": 1.0}, ("stage", "unknown_key_near")),
    ],
)
def test_a_further_term_can_stand_behind_others_and_has_its_steps(tmp_path, term, problem):
    further = {"order": ["more"], "more": {"share": 0.3} | term}
    expected = set() if problem is None else {(f"guidance_fund.further.more.{problem[0]}", problem[1])}
    assert problems_with(tmp_path, put(tiny_content(), "guidance_fund.further", further)) == expected


def test_further_terms_are_in_an_order(tmp_path):
    further = {"order": [], "more": {"contract": "put", "share": 0.3}}
    found_here = problems_with(tmp_path, put(tiny_content(), "guidance_fund.further", further))
    assert found_here == {("guidance_fund.further.order", "order_missing")}


def test_steps_that_are_not_used_may_be_anything_in_order(tmp_path):
    content = put(tiny_content(), "guidance_fund.contract_steps", [[3.0, 0.5], [2.0, 0.1]])
    assert problems_with(tmp_path, content) == set()


def beside(**fund):
    """A programme with sub-funds of its own on the tiny economy, whose programme may have any terms."""
    return {
        "classes": {"order": ["market", "patient", "angel"], "angel": angels()},
        "guidance_fund": {"sub_funds": "angel", **fund},
    }


@pytest.mark.parametrize(
    ("standing", "problem"),
    [
        ({}, None),
        ({"commitment": 5.0}, "programme_beside"),
        ({"regional_commitment": 5.0}, "programme_beside"),
        ({"reinvestment_multiple": 1.0, "direction_share": 0.5}, "programme_beside"),
        ({"contract": "buy-out"}, "programme_beside"),
        ({"contract": "first-loss"}, None),
        ({"further": {"order": ["put"], "put": {"contract": "put", "share": 0.1}}}, "programme_beside"),
        ({"further": {"order": ["put"], "put": {"contract": "put", "share": 0.0}}}, None),
        ({"further": {"order": ["more"], "more": {"contract": "give-up", "share": 0.1}}}, None),
    ],
)
def test_a_standing_programme_only_goes_on(tmp_path, standing, problem):
    content = tiny_content()
    for key, value in ({"sub_funds": "patient", "diverted_from": "market", "direction_share": 0.0} | standing).items():
        put(content, f"guidance_fund.{key}", value)
    write_scenario(tmp_path, "tiny", content)
    path = write_delta(tmp_path, "more", "tiny", **beside())
    assert found(path) == (set() if problem is None else {("guidance_fund.sub_funds", problem)})


def test_sub_funds_are_the_references_or_a_new_class(tmp_path):
    write_scenario(tmp_path, "tiny", put(tiny_content(), "guidance_fund.sub_funds", "patient"))
    path = write_delta(tmp_path, "other", "tiny", guidance_fund={"sub_funds": "market"})
    assert found(path) == {("guidance_fund.sub_funds", "other_sub_funds")}


def test_a_programme_beside_keeps_its_class_in_what_builds_on_it(tmp_path):
    write_scenario(tmp_path, "tiny", put(tiny_content(), "guidance_fund.sub_funds", "patient"))
    write_delta(tmp_path, "more", "tiny", **beside())
    tables = {"classes": {"order": ["market", "patient", "angel", "third"], "third": angels()}}
    path = write_delta(tmp_path, "third", "more", **tables, guidance_fund={"sub_funds": "third"})
    assert found(path) == {("guidance_fund.sub_funds", "third_sub_funds")}
    assert found(write_delta(tmp_path, "cheaper", "more", guidance_fund={"fee_rate": 0.01})) == set()


def test_contracts_with_a_date_are_those_for_which_holdings_are_valued():
    terms = tiny().guidance_fund.model_dump() | {"contract_steps": ((2.0, 0.01),)}
    dated = {kind for kind in CONTRACTS if valuation_years(contract_with(kind, terms))}
    assert dated == set(DATED_CONTRACTS)
