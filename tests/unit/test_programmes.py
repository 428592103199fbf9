"""Presets of real programmes: each loads, says where its values come from, and has the published figures."""

import datetime as dt

import pytest

from finance.market.conventions import PLANNING_FACTOR
from finance.policy.tax.salaries import talent_refund
from finance.scenario import GRADES, check_file, find_scenarios, load_scenario
from finance.scenario.programmes_page import GROUP, grade_counts, page, path, programmes
from finance.scenario.reading import shipped_folder
from finance.scenario.shape import UNSTATED, at

FILES = sorted((shipped_folder() / GROUP).glob("*.toml"))
NAMES = [file.stem for file in FILES]
READ_ON = dt.date(2026, 11, 22)

#: What the others build on, and who does not: rules and reliefs, which hold for all, and guarantees of loans.
PLAIN = "programme-plain"
NOT_BESIDE = [
    "angel-abroad-il", "angel-abroad-uk", "angel-abroad-us", "anhui-80", "baseline-10y-fund", "baseline-7-2-fund",
    "cn-tax-current", "cn-tax-ic-120", "cn-vc-pilot-hold35", "guangzhou-devzone-tolerance", "one-doc-2025", PLAIN,
    "shaanxi-tolerance", "tech-guarantee-2024", "uk-vct", "sbir-prototype", "proof-of-concept", "fca-sandbox",
    "patent-pool", "gba-talent-15", "finance-platform", "ip-pledge-loans", "angel-groups", "supply-chain-finance",
    "seeds-tax-refundable", "project-100",
]  # fmt: skip
#: Public funds that join rounds which others lead.
CO_INVESTOR = "programme-co-investor"
#: Presets that add to one of the levers' scenarios.
ON_A_LEVER = {"seeds-tax-refundable": "seeds-tax"}
CO_INVESTORS = ["de-dtcf-25y", "eic-blended", "nz-scif", "sg-equity-deeptech"]
BESIDE = sorted(set(NAMES) - {*NOT_BESIDE, CO_INVESTOR, *CO_INVESTORS})

#: Annual amount of the common budget, and who has one of its own or adds no money.
BUDGET = 10_000.0
OWN_BUDGET = {"national-sme-fund": 3_000.0}

#: The published figures, typed once more from the facts and not from the files; a slip in either is caught.
PUBLISHED = {
    "national-vc-guidance-2025": {
        "guidance_fund.commitment": 10_000.0,
        "classes.programme.life_years": 20.0,
        "classes.programme.investment_years": 10,
        "classes.programme.ticket_max": 50.0,
        "classes.programme.budgets_bind": True,
    },
    "shenzhen-innovation-15y": {"classes.programme.life_years": 15.0, "classes.programme.budgets_bind": True},
    "shenzhen-angel": {
        "guidance_fund.sub_fund_share_cap": 0.4,
        "guidance_fund.contract": "give-up",
        "guidance_fund.contract_share": 1.0,
        "guidance_fund.contract_rate": 0.0,
        "classes.programme.stages": ["seed", "angel"],
    },
    "chengdu-hitech": {
        "guidance_fund.sub_fund_share_cap": 0.5,
        "guidance_fund.reinvestment_multiple": 1.5,
        "classes.programme.fund_loss_limit.seed": 0.8,
        "classes.programme.fund_loss_limit.later": 0.3,
    },
    "zhengzhou-angel-15y": {
        "guidance_fund.sub_fund_share_cap": 0.6,
        "classes.programme.life_years": 15.0,
        "classes.programme.fund_loss_limit": {"seed": 0.4, "venture": 0.4, "later": 0.4},
    },
    "guangzhou-devzone-tolerance": {
        "tolerance.fund_loss_limit": {"seed": 0.5, "venture": 0.4, "later": 0.3},
        "classes.guidance.reserve_share": 0.05,
        "classes.patient.reserve_share": 0.05,
    },
    "shaanxi-tolerance": {"tolerance.fund_loss_limit": {"seed": 0.7, "venture": 0.5, "later": 0.3}},
    "anhui-80": {"tolerance.fund_loss_limit": {"seed": 0.8, "venture": 0.8, "later": 0.8}},
    "one-doc-2025": {"guidance_fund.fee_rate": 0.015, "guidance_fund.fee_base": "paid-in"},
    "guidance-municipal-classic": {"guidance_fund.fee_rate": 0.02},
    "shanghai-future-15-3": {"classes.programme.life_years": 15.0, "classes.programme.extension_years": 3.0},
    "baseline-7-2-fund": {"classes.venture.life_years": 7.0, "classes.venture.extension_years": 2.0},
    "national-sme-fund": {
        "guidance_fund.sub_fund_share_cap": 0.3,
        "guidance_fund.contract": "private-priority",
    },
    "yozma-1993": {
        "guidance_fund.sub_fund_share_cap": 0.4,
        "guidance_fund.contract": "scheduled-buy-out",
        "guidance_fund.contract_steps": [[5.0, 0.07]],
        "guidance_fund.contract_last_year": 5.0,
    },
    "yozma-2-0": {
        "guidance_fund.contract": "scheduled-buy-out",
        "guidance_fund.contract_steps": [[4.0, 0.01], [8.0, 0.05]],
        "guidance_fund.contract_last_year": 8.0,
    },
    "yozma-deeptech-grant": {"guidance_fund.contract": "grant"},
    "sbic-debenture": {"guidance_fund.contract": "debenture", "classes.programme.life_years": 10.0},
    "sbic-accrual": {"guidance_fund.contract": "accruing-debenture", "classes.programme.life_years": 10.0},
    "uk-ecf": {"guidance_fund.contract": "capped", "guidance_fund.contract_rate": 0.03},
    "british-patient-capital": {"guidance_fund.contract": "pari-passu"},
    "au-iif": {"guidance_fund.contract": "give-up", "classes.programme.life_years": 10.0},
    "nz-scif": {"classes.programme.co_invests": [[1e6, 0.5]], "classes.programme.stages": ["seed", "angel"]},
    "sg-equity-deeptech": {"classes.programme.co_invests": [[2.75, 0.7], [22.0, 0.5], [44.0, 0.3]]},
    "ca-vcci1": {"guidance_fund.contract": "private-priority", "guidance_fund.contract_rate": 0.07},
    "ca-vcci2": {"guidance_fund.contract": "private-priority", "guidance_fund.contract_rate": 0.05},
    "kvic-standard": {"guidance_fund.sub_fund_share_cap": 0.4, "guidance_fund.fee_rate": 0.023},
    "kvic-lp-first-step": {
        "guidance_fund.contract": "first-loss",
        "guidance_fund.contract_share": 0.1,
        "guidance_fund.further.put.contract": "put",
        "guidance_fund.further.put.share": 0.3,
        "guidance_fund.further.excess.contract": "give-up",
        "guidance_fund.further.excess.share": 0.3,
    },
    "korea-new-deal": {"guidance_fund.contract": "first-loss", "guidance_fund.contract_share": 0.2},
    "de-dtcf-25y": {"classes.programme.co_invests": [[1e6, 0.7]], "classes.programme.life_years": 25.0},
    "eic-blended": {"classes.programme.co_invests": [[1e6, 0.5]]},
    "patent-pool": {"support.patent-pool.odds_ratio": 0.86},
    "fca-sandbox": {"support.sandbox.odds_ratio": 1.5},
    "wfg-guarantee": {"guidance_fund.contract": "guarantee", "guidance_fund.contract_share": 0.75},
    "tech-guarantee-2024": {
        "credit.guarantee_shares": {"national": 0.4, "province": 0.2, "local": 0.2},
        "credit.claim_cap": 0.05,
        "credit.fee_rate": 0.01,
    },
    "cn-tax-current": {
        "tax.investment_deduction_share": 0.7,
        "tax.super_deduction_share": 1.0,
        "tax.company_tax_rate": 0.15,
        "tax.carry_forward_years": 10,
    },
    "cn-tax-ic-120": {"tax.super_deduction_share": 1.2},
    "angel-abroad-uk": {"tax.holding_relief": [[3.0, 1.0]], "tax.investment_credit_share": 0.5},
    "angel-abroad-il": {"tax.investment_credit_share": 0.33},
    "uk-vct": {"tax.investment_credit_share": 0.2, "tax.gain_exemption_share": 1.0},
    "seeds-tax-refundable": {"tax.refund_rate": 0.145, "tax.relabelled_share": 0.242},
    "angel-abroad-us": {"tax.holding_relief": [[3.0, 0.5], [4.0, 0.75], [5.0, 1.0]]},
}

#: Public money for each unit of private money, from which the cap on the public share follows.
PUBLIC_FOR_PRIVATE = {
    "yozma-2-0": 0.3, "sbic-debenture": 2.0, "sbic-accrual": 1.25, "uk-ecf": 2.0, "au-iif": 2.0,
    "british-patient-capital": 2.5 / 5.0, "nz-vif": 1 / 2, "ca-vcap": 1 / 2, "ca-vcci1": 1 / 2.25, "ca-vcci2": 1 / 3,
}  # fmt: skip

EXPIRES = {
    "angel-abroad-il": dt.date(2026, 12, 31),
    "cn-tax-current": dt.date(2027, 12, 31),
    "cn-tax-ic-120": dt.date(2027, 12, 31),
    "gba-talent-15": dt.date(2027, 12, 31),
}


def value_of(scenario, key):
    return at(scenario.values(), tuple(key.split(".")), UNSTATED)


def test_there_are_many():
    assert len(NAMES) >= 35
    assert {one.name for one in find_scenarios() if one.group == GROUP} >= set(NAMES)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_each_file_is_right(file):
    assert check_file(file) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_has_a_date_both_languages_and_says_what_it_cannot_say(name):
    scenario = load_scenario(name)
    expected = CO_INVESTOR if name in CO_INVESTORS else PLAIN if name in BESIDE else "baseline"
    expected = ON_A_LEVER.get(name, expected)
    assert scenario.baseline == expected
    assert scenario.as_of == READ_ON
    assert scenario.expires == EXPIRES.get(name)
    for text in (scenario.title, scenario.question, scenario.as_modelled):
        assert text.en.isascii() or not any("一" <= letter <= "鿿" for letter in text.en)
        assert any("一" <= letter <= "鿿" for letter in text.zh)
    assert scenario.question.en.endswith("?")
    assert scenario.question.zh.endswith("？")
    assert len(scenario.as_modelled.en) > 100


@pytest.mark.parametrize("name", NAMES)
def test_each_value_has_a_source_of_its_own_that_keeps_its_word(name):
    scenario = load_scenario(name)
    for key, source in scenario.sources.items():
        assert key.endswith(("stage_budgets", "guarantee_shares")) or not isinstance(value_of(scenario, key), dict), key
        text = source.text.lower()
        if source.grade == "M":
            assert "recalled, not verified" in text, key
        if source.grade == "D":
            assert text.startswith("derived: "), key
        if source.grade in ("S", "S~"):
            assert source.url.startswith("http"), key
            assert "recalled" not in text, key
    assert grade_counts(scenario).total() == len(scenario.sources)


@pytest.mark.parametrize("name", NAMES)
def test_at_dose_0_each_is_the_baseline(name):
    own = load_scenario(name)
    tables = {".".join(key.split(".")[:2]) if key.startswith("classes.") else key.split(".")[0] for key in own.sources}
    none = own.with_dose(dict.fromkeys(tables, 0.0))
    assert none.digest == load_scenario(own.baseline).digest
    assert none.as_modelled == own.as_modelled
    half = own.with_dose(dict.fromkeys(tables, 0.5))
    assert half.digest != none.digest or own.digest == none.digest


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_figures_are_there(name):
    scenario = load_scenario(name)
    assert {key: value_of(scenario, key) for key in PUBLISHED[name]} == PUBLISHED[name]


@pytest.mark.parametrize("name", PUBLIC_FOR_PRIVATE)
def test_caps_follow_from_the_published_ratio(name):
    ratio = PUBLIC_FOR_PRIVATE[name]
    assert load_scenario(name).guidance_fund.sub_fund_share_cap == pytest.approx(ratio / (1 + ratio), abs=1e-3)


def test_derived_figures_follow_from_published_ones():
    australia = load_scenario("au-iif").guidance_fund
    kept = australia.sub_fund_share_cap * (1 - australia.contract_share)
    assert kept == pytest.approx(0.10, abs=1e-3)
    talent = load_scenario("gba-talent-15").support["talent-refund"].paid_share
    assert talent == pytest.approx(0.3 * float(talent_refund(0.6)) / 0.6 * 0.5, abs=1e-4)
    europe, first = load_scenario("eic-blended"), load_scenario("baseline").sectors["deep-technology"].stages["a"]
    need = first.burn * PLANNING_FACTOR * first.mean_years
    assert europe.support["eic-grant"].paid_share == pytest.approx(2.5 * 8 / need, abs=0.005)
    shenzhen = load_scenario("shenzhen-innovation-15y").classes["programme"].stage_budgets
    assert shenzhen["seed"] + shenzhen["angel"] + shenzhen["a"] == pytest.approx(0.4)
    national = load_scenario("national-vc-guidance-2025").classes["programme"].stage_budgets
    assert national["seed"] + national["angel"] + national["a"] == pytest.approx(0.7)


def test_equity_programmes_share_one_budget():
    offered = {name: load_scenario(name).guidance_fund.commitment for name in NAMES}
    assert {amount for name, amount in offered.items() if name not in OWN_BUDGET} == {0.0, BUDGET}
    assert {name: offered[name] for name in OWN_BUDGET} == OWN_BUDGET
    with_it = [load_scenario(name) for name, amount in offered.items() if amount == BUDGET]
    assert len(with_it) >= 20
    for scenario in with_it:
        source = scenario.source_of("guidance_fund.commitment")
        own_size = scenario.name == "national-vc-guidance-2025"
        assert source.grade == ("D" if own_size else "A")
        assert own_size or "terms are compared and not sizes" in source.text


def test_a_programmes_money_is_beside_that_of_the_standing_sub_funds():
    standing = load_scenario("baseline")
    for name in BESIDE:
        scenario = load_scenario(name)
        assert scenario.guidance_fund.sub_funds == "programme"
        assert scenario.programme_beside() is not None
        assert scenario.classes["guidance"] == standing.classes["guidance"], name
        assert scenario.tolerance == standing.tolerance, name
    for name in set(NOT_BESIDE) - {PLAIN}:
        assert load_scenario(name).guidance_fund.commitment == 0.0
        assert load_scenario(name).programme_beside() is None


def test_co_investors_have_the_common_budget_and_no_view_of_their_own():
    for name in [CO_INVESTOR, *CO_INVESTORS]:
        scenario = load_scenario(name)
        fund, entry = scenario.classes["programme"], scenario.entry
        assert fund.capacity == pytest.approx(BUDGET * entry.entrants_a_year / entry.national_entrants)
        assert fund.public_share == 1.0
        assert fund.co_invests
        assert scenario.guidance_fund == load_scenario("baseline").guidance_fund


def test_partners_bring_what_the_budget_needs_at_the_cap():
    """Private money (1 − cap) ÷ cap for each of public money, in the economy of a path."""
    for name in set(BESIDE) - {"wfg-guarantee"}:
        scenario = load_scenario(name)
        fund, entry = scenario.guidance_fund, scenario.entry
        public = (fund.commitment + fund.regional_commitment) * entry.entrants_a_year / entry.national_entrants
        needed = public * (1 - fund.sub_fund_share_cap) / fund.sub_fund_share_cap
        assert scenario.classes["programme"].capacity == pytest.approx(needed, abs=0.005), name


def test_current_tax_rules_are_the_baselines():
    assert load_scenario("cn-tax-current").digest == load_scenario("baseline").digest


# --- the page ---


def test_the_page_is_current():
    assert path().read_text(encoding="utf-8") == page(), "python -m finance.scenario.programmes_page writes it anew"


def test_the_page_has_a_row_for_each_with_its_grades():
    text = page()
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    assert set(rows) == set(NAMES)
    assert [one.name for one in programmes()] == NAMES
    counts = grade_counts(load_scenario("yozma-1993"))
    assert dict(counts) == {"A": 1, "S": 3, "M": 2}
    cells = [cell.strip() for cell in rows["yozma-1993"].split(" | ")]
    assert cells[3 : 3 + len(GRADES)] == ["3", "", "2", "", "1"]
    assert cells[3 + len(GRADES)] == "17 %"
    assert "`contract_steps` [5.0, 0.07]" in cells[2]
    assert "2027-12-31" in rows["cn-tax-current"]
    assert "`stage_budgets` none" in rows["nz-elevate"]
