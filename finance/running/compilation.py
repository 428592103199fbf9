"""Compiling everything before it is needed, in two processes: the market's kernel takes as long as all the rest.

Compilation holds the interpreter's lock, so threads cannot share it. Where nothing is compiled yet, a process of its own
compiles the market's kernel into the cache folder, while this one compiles what else a run needs; then this one reads
the kernel from there. No result depends on any of it: whatever is still missing is compiled when it is first called.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np

from finance import luck
from finance.compiling import PACKAGE, fingerprint
from finance.engine import Engine
from finance.fund.measures import irr
from finance.market.beliefs import empty_counts, starting_beliefs
from finance.market.bids import empty_market_tables
from finance.market.counting import add_counts
from finance.market.equilibrium import N_PILOTS, first_beliefs, pilot_worlds, solution_from
from finance.market.grids import QUALITY
from finance.market.packed import pack_era, pack_terms
from finance.market.path import Weather, carry_over, simulate_quarters
from finance.market.records import blank, empty_notes
from finance.market.returns import committed_by
from finance.market.state import memory_for
from finance.market.tables import empty_company_tables
from finance.market.terms import names_of, shared_axes, terms_of
from finance.preparing import Solved, Workshop
from finance.running.files import write_whole
from finance.scenario import Scenario, load_scenario

#: A compiled kernel serves every scenario, so any will do to compile it.
_ANY = "baseline"


def compile_all(workshop: Workshop, scenario: Scenario, workers: int, tell: Callable[[bool], None]) -> None:
    """Compile what a run needs, unless it is compiled.

    Parameters
    ----------
    workshop : Workshop
        Keeps what is worked out on the way.
    scenario : Scenario
        Whose root is prepared.
    workers : int
        With one, nothing is done ahead.
    tell : callable
        Told False when it begins and True when it is done; not called where nothing is to be done.
    """
    mark = _mark()
    if workers < 2 or mark is None or mark.exists() or not sys.executable:
        return
    tell(False)
    apart = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _compile_all_but_market(workshop, scenario.root())
        apart.wait()
    finally:
        if apart.poll() is None:
            apart.terminate()
            apart.wait()
    tell(True)


def _mark() -> Path | None:
    """File that says that all is compiled; None where it is not known where machine code is kept."""
    folder = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    return Path(folder) / f"compiled-{fingerprint(PACKAGE)}" if folder else None


def _compile_all_but_market(workshop: Workshop, root: Scenario) -> None:
    """Go once through all that a path needs but the market's kernel."""
    names = shared_axes(root, root)
    prepared = workshop.prepare(root, names)
    setting = prepared.setting
    pilot_worlds(setting, 0, 1)
    solution = solution_from(setting, first_beliefs(setting), first_beliefs(setting), None, 0, 0.0)
    solved = Solved(prepared, [solution] * N_PILOTS, setting.terms, [solution] * N_PILOTS, prepared)
    Engine([solved], [root.name], 0, seed=0).rehearse()
    irr(np.array([-1.0, 1.0]))
    memory, notes = memory_for(setting.terms, setting.terms), empty_notes(setting.terms)
    carry_over(memory, notes, 0, memory_for(setting.terms, setting.terms), empty_notes(setting.terms))
    add_counts(blank(notes), empty_counts(names))


def _compile_market() -> None:
    """Call the market's kernel for no quarter at all."""
    scenario = load_scenario(_ANY)
    names = names_of(scenario)
    terms = terms_of(scenario, names)
    tables, planner = empty_market_tables(terms, names), empty_company_tables(names)
    beliefs = starting_beliefs(names, np.ones(len(QUALITY)), 1.0, terms)
    era = pack_era(pack_terms(terms), tables, planner, committed_by(terms, beliefs, None))
    memory, notes, n = memory_for(terms, terms), empty_notes(terms), terms.n_quarters
    weather = Weather(np.ones(n), np.ones(n, dtype=np.bool_), np.ones((1, n)))
    simulate_quarters(era, era, *luck.key_of_seed(0), 0, weather, memory, notes, 1, 0)
    mark = _mark()
    if mark is not None:
        write_whole(mark, lambda stream: stream.write(b""))


if __name__ == "__main__":
    _compile_market()
