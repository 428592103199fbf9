"""A small economy with a guidance programme and taxes, quick to solve, for tests of levers."""

from finance.engine import Engine
from finance.scenario import load_scenario
from tests.support import put, tiny_content, write_scenario

MARKET, PATIENT = 0, 1
#: The tiny economy with twice the ventures and money enough that its equilibrium is found; patient funds are sub-funds.
CHANGES = {
    "ranges": {},
    "clock.warm_up_years": 4,
    "clock.entry_years": 4,
    "clock.simulated_years": 12,
    "entry.entrants_a_year": 12,
    "classes.market.capacity": 1500.0,
    "classes.patient.capacity": 500.0,
    "classes.patient.public_share": 0.3,
    "classes.market.supply_elasticity": 1.0,
    "classes.patient.supply_elasticity": 1.0,
    "guidance_fund.sub_funds": "patient",
    "guidance_fund.diverted_from": "market",
    "guidance_fund.vintages": 2,
    "sectors.lab.stages.seed.research_share": 0.8,
    "sectors.lab.stages.pilot.research_share": 0.6,
    "sectors.lab.stages.growth.research_share": 0.2,
}
#: Public money offered a year in the economy of one path, by a commitment of 20,000 in the nation.
OFFERED = 20000.0 / 600.0 * 12.0
OFFER = {"guidance_fund.commitment": 20000.0}
GIVE_UP = {
    **OFFER,
    "guidance_fund.contract": "give-up",
    "guidance_fund.contract_share": 1.0,
    "guidance_fund.contract_rate": 0.0,
}


def economy(folder, name, **more):
    """Write the economy down as a root of its own, changed at paths with ``__`` for the dot."""
    content = tiny_content()
    for path, value in (CHANGES | {path.replace("__", "."): value for path, value in more.items()}).items():
        put(content, path, value)
    return load_scenario(str(write_scenario(folder, name, content | {"name": name})))


def engine_of(*solved, seed=5):
    """Return the engine of solved scenarios; the first is the baseline."""
    return Engine(list(solved), [f"scenario-{s}" for s in range(len(solved))], 0, seed)
