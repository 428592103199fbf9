"""What the terms of a programme concede to its private partners: on its simulated sub-funds, beside the price of options.

The market is simulated once, under the scenario's own terms. Each contract then divides the same flows of the same
sub-funds, so that rows differ by their terms alone: nobody answers to them, and what partners bring is the scenario's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import t as student

from finance import luck
from finance.engine import Engine
from finance.fund.amounts import FloatArray
from finance.language import message
from finance.market.equilibrium import N_PILOTS
from finance.outcome.sub_funds import FirstSubFund
from finance.policy.contracts import Contract, PariPassu
from finance.policy.dated_right import DatedRight
from finance.policy.fair_value import compare_concession, has_closed_form
from finance.policy.sub_fund_fees import PERIODS_A_YEAR, Raised
from finance.policy.sub_funds import contract_with, partner_flows
from finance.running import threads
from finance.running.blocks import check_paths, check_workers
from finance.running.compilation import compile_all
from finance.running.equilibria import Equilibria
from finance.scenario import Scenario

#: The scenario's own contract, among others by their names.
OWN = "own"
#: Terms that programmes have had: Israel 1993 and 2024, Germany 1975, Korea 2025, Britain, Shenzhen, Australia, Canada.
KNOWN_TERMS: dict[str, dict[str, object]] = {
    "buy-out": {"contract_rate": 0.07, "contract_last_year": 5.0},
    "scheduled-buy-out": {
        "contract_steps": ((4.0, 0.01), (8.0, 0.05)), "contract_is_retroactive": True, "contract_share": 1.0,
        "contract_last_year": 8.0,
    },
    "guarantee": {"contract_share": 0.75},
    "first-loss": {"contract_share": 0.1},
    "put": {"contract_share": 0.3, "contract_last_year": 8.0},
    "capped": {"contract_rate": 0.03, "contract_share": 0.3},
    "shared-hurdle": {"contract_rate": 0.03, "contract_share": 0.1},
    "give-up": {"contract_share": 1.0},
    "private-priority": {"contract_rate": 0.07},
    "senior-debt": {"contract_rate": 0.05},
    "grant": {},
}  # fmt: skip
_UNSTATED: dict[str, object] = {
    "contract_rate": 0.0, "contract_share": 0.0, "contract_first_year": 0.0, "contract_last_year": 5.0,
    "contract_steps": (), "contract_is_retroactive": False, "contract_profit_share": 0.0,
    "contract_target_share": 1.0, "contract_premium_rate": 0.0, "contract_claim_cap": 1.0,
}  # fmt: skip
#: Groups of paths, each with all pilots, one of which is left out at a time.
_GROUPS = 20
_UNITS = {"spot": "CNY million", "volatility": "rate a year", "years": "years"}


def concessions(
    scenario: Scenario, paths: int = 2000, seed: int = 1, *, workers: int | None = None, fresh: bool = False
) -> pd.DataFrame:
    """Value what a programme's contract concedes, and what known ones would on the same flows.

    Parameters
    ----------
    scenario : Scenario
        With a guidance programme.
    paths : int
        At least 80.
    seed : int
    workers : int, optional
        Threads that solve the equilibrium; all cores, if left out.
    fresh : bool
        Solve it again.

    Returns
    -------
    DataFrame
        Columns scenario, contract, measure, value, low, high, unit, of the programme's first sub-fund: ``simulated``,
        ``closed_form``, ``gap_of_timing``, ``gap_of_law``, and ``gap_of_foresight`` for the scenario's own right (the
        first is the sum of the others); ``spot``, ``volatility`` and ``years`` of the lognormal law that is priced.
        A contract without a closed form has its first row alone.

    Raises
    ------
    ValueError
        If an argument is out of range or the scenario has no programme.

    Notes
    -----
    Simulated = E[Σ M · (pari passu − public)], M the path's state prices, calls that change sides included. The gap of
    foresight is what partners gain who decide on values as the engine has them, over deciding with all receipts known and
    undiscounted, which is how the contract by itself decides; for the rest see
    `finance.policy.fair_value.compare_concession`. Intervals are of a jackknife over twenty groups of paths, t with 19
    degrees of freedom; they hold the luck of paths, and of pilots only as far as groups share them alike.
    """
    check_paths(paths)
    luck.key_of_seed(seed)
    workers = check_workers(threads.available_workers() if workers is None else workers)
    for problem in what_is_missing(scenario, paths):
        raise ValueError(problem)
    equilibria = Equilibria(workers, fresh=fresh)
    compile_all(equilibria.workshop, scenario, workers, lambda _: None)
    engine = Engine([equilibria.solved(scenario)], [scenario.name], 0, seed)
    fund = engine.first_sub_fund(paths)
    assert fund is not None  # there is a programme
    rows = []
    for name, contract in _contracts(fund.agreement.contract).items():
        for measure, value, low, high in _with_intervals(fund, contract, is_own=name == OWN):
            rows.append((scenario.name, name, measure, value, low, high, _UNITS.get(measure, "CNY million")))
    return pd.DataFrame(rows, columns=["scenario", "contract", "measure", "value", "low", "high", "unit"])


def what_is_missing(scenario: Scenario, paths: int) -> list[str]:
    """Say what stands in the way of `concessions`: a programme, or paths enough to leave some out."""
    least, problems = N_PILOTS * _GROUPS, []
    if paths < least:
        problems.append(message("engine.too_few_paths_for_groups", least=least, paths=paths))
    if scenario.guidance_fund.sub_funds not in scenario.classes:
        problems.append(message("engine.no_programme", name=scenario.name))
    return problems


def _contracts(own: Contract) -> Mapping[str, Contract]:
    """The scenario's own contract, then those of known programmes."""
    return {OWN: own} | {kind: contract_with(kind, _UNSTATED | terms) for kind, terms in KNOWN_TERMS.items()}


def _with_intervals(fund: FirstSubFund, contract: Contract, *, is_own: bool) -> list[tuple[str, float, float, float]]:
    """Measures of one contract: value, low, high."""
    whole = measured(fund, contract, is_own=is_own)
    group = np.arange(len(fund.accounts)) // N_PILOTS % _GROUPS
    without = [measured(_some(fund, group != g), contract, is_own=is_own) for g in range(_GROUPS)]
    rows = []
    for measure, value in whole.items():
        if measure == "years":
            rows.append((measure, value, np.nan, np.nan))
            continue
        left_out = np.array([each[measure] for each in without])
        error = np.sqrt((_GROUPS - 1) / _GROUPS * ((left_out - left_out.mean()) ** 2).sum())
        half = float(student.ppf(0.975, _GROUPS - 1) * error)
        rows.append((measure, value, value - half, value + half))
    return rows


def _some(fund: FirstSubFund, paths: np.ndarray) -> FirstSubFund:
    parts = {name: getattr(fund, name)[paths] for name in ("accounts", "values", "state_prices", "public_share")}
    return fund._replace(raised=Raised(*(each[paths] for each in fund.raised)), **parts)


def measured(fund: FirstSubFund, contract: Contract, *, is_own: bool) -> dict[str, float]:
    """What a contract concedes on some paths, simulated and in closed form.

    Parameters
    ----------
    fund : FirstSubFund
    contract : Contract
    is_own : bool
        Whether it is the one that the fund's holdings were valued for.

    Returns
    -------
    dict of str to float
        Measures as in `concessions`, million CNY; the first alone where there is no closed form.
    """
    pari_passu = _flows(fund, PariPassu(), None)
    decides_on_values = is_own and isinstance(contract, DatedRight)
    agreed = _flows(fund, contract, fund.values if is_own else None)
    conceded = ((pari_passu[0] - agreed[0]) * fund.state_prices).sum(axis=-1)
    found = {"simulated": float(conceded.mean())}
    if not has_closed_form(contract):
        return found
    _, public_in, private_in, received = pari_passu
    prices = (1.0 + fund.agreement.inflation_rate) ** (np.arange(public_in.shape[-1]) / PERIODS_A_YEAR)
    row = compare_concession(
        contract, public_in * prices, private_in * prices, received * prices, fund.state_prices / prices, PERIODS_A_YEAR
    )
    found["closed_form"] = row.closed_form
    if decides_on_values:
        found["gap_of_foresight"] = found["simulated"] - row.simulated
    found |= {"gap_of_timing": row.gap_of_timing, "gap_of_law": row.gap_of_law}
    return found | {"spot": row.match.spot, "volatility": row.match.volatility, "years": row.match.years}


def _flows(
    fund: FirstSubFund, contract: Contract, values: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The public's net flow, and what both sides pay in and receive, (path, quarter), at constant prices."""
    agreed = fund.agreement._replace(contract=contract)
    flows = partner_flows(fund.accounts, fund.public_share, agreed, values, fund.raised)
    net = flows.public_received - flows.public_paid_in
    return net, flows.public_paid_in, flows.private_paid_in, flows.public_received + flows.private_received
