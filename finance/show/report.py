"""The report: one HTML page with everything in it, to be read without the network or a program, and printed."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files
from pathlib import Path

import jinja2

from finance.language import current_language, format_date, format_list, format_number, message
from finance.running.files import write_whole
from finance.scenario import assumption_share
from finance.show.charts_style import colours
from finance.show.charts_svg import FONTS
from finance.show.names import scenario_names, stage_names
from finance.show.report_inputs import all_inputs, changed_inputs, grade_counts
from finance.show.report_run import ReportedRun
from finance.show.report_sections import assumptions_section, sections
from finance.show.report_tables import titles_of
from finance.study.sentence import sentences
from finance.study.starts import other_ends

#: What a page says of its language.
_TAGS = {"en": "en", "zh": "zh-Hans"}
_SHORT_ID = 8
#: Facts that are there to be copied as they stand.
_COPIED = ("command", "id", "engine", "lock")


def write_report(run: ReportedRun, path: Path) -> None:
    """Write the report of a run, whole or not at all.

    Parameters
    ----------
    run : ReportedRun
        What is reported, in the language of the context.
    path : Path
        The file; its folder is made if absent.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    content = page(run).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda stream: stream.write(content))
    path.chmod(0o644)


def page(run: ReportedRun) -> str:
    """Return the report of a run as one HTML page.

    Parameters
    ----------
    run : ReportedRun
        What is reported, in the language of the context.

    Returns
    -------
    str
        It loads nothing and runs nothing.
    """
    titles = titles_of(run)
    chosen = colours(titles)
    copied = {message(f"report.run.{one}") for one in _COPIED}
    return (
        _template()
        .render(
            lang=_TAGS[current_language()],
            style=_text("report.css").replace("FONTS", FONTS[current_language()]),
            words=_words(run),
            dots=[(name, chosen[name]) for name, _ in titles],
            sentences=list(sentences_of(run).values()),
            warnings=warnings_of(run),
            sections=sections(run),
            assumptions=assumptions_section(run),
            changed=changed_inputs(run),
            all_inputs=all_inputs(run),
            method=[message(f"report.method.{one}") for one in ("luck", "deserving", "market", "limits", "more")],
            facts=[(name, text, name in copied) for name, text in facts_of(run).items()],
        )
        .strip()
        + "\n"
    )


def sentences_of(run: ReportedRun) -> dict[str, str]:
    """Return the plain sentence of each scenario by its name, the baseline first."""
    spoken = sentences(
        run.tables,
        [one.name for one in run.scenarios],
        run.baseline.name,
        scenario_names=scenario_names(run.scenarios),
        stage_names=stage_names(run.baseline),
    )
    return {name: spoken[name] for name, _ in titles_of(run)}


def warnings_of(run: ReportedRun) -> list[str]:
    """Return what has to be known before any number is read."""
    with_two = [title for name, title in titles_of(run) if other_ends(run.tables, name)]
    told = [message("report.page.two_equilibria", names=format_list(with_two))] if with_two else []
    if not run.is_as_run:
        told.append(message("report.page.not_as_run"))
    noted = {warning.text(): None for one in run.scenarios for warning in one.warnings}
    return [*told, *noted]


def _words(run: ReportedRun) -> dict[str, str]:
    titles = [title for _, title in titles_of(run)]
    assumed, stated = assumption_share(run.baseline)
    counted = {"assumed": format_number(assumed), "stated": format_number(stated), "name": titles[0]}
    is_several = len(titles) > 1
    of = {"baseline": titles[0], "others": format_list(titles[1:])}
    names = ("input", "value", "baseline", "range", "grade", "source")
    return {
        **{name: message(f"report.inputs.column.{name}") for name in names},
        "title": message("report.page.title", run=run.manifest.run[:_SHORT_ID]),
        "heading": message("report.page.heading_several" if is_several else "report.page.heading_one"),
        "subtitle": message("report.page.against" if is_several else "report.page.alone", **of),
        "made": _made(run),
        "contents": message("report.page.contents"),
        "summary": message("report.page.summary"),
        "skip": message("report.page.skip"),
        "legend": _legend(run),
        "table_of": message("report.page.table_of", title="{title}"),
        "unclear": message("report.table.unclear"),
        "inputs_lead": message("report.inputs.lead" if is_several else "report.inputs.lead_one", baseline=titles[0]),
        "assumed": message("report.table.assumptions"),
        "grade_counts": grade_counts(run),
        "grades": message("show.explain.grades"),
        "intervals": message("show.reading.intervals", **counted),
        "all_inputs": message(
            "report.inputs.all", title=titles[0], count=str(sum(len(g.rows) for g in all_inputs(run)))
        ),
        "method": message("report.section.method"),
        "run": message("report.section.run"),
    }


def _legend(run: ReportedRun) -> str:
    entry, clock = run.baseline.entry, run.baseline.clock
    paths = run.manifest.determinants.get("paths")
    return message(
        "show.legend_one_path" if paths == 1 else "show.legend",
        ventures=format_number(entry.entrants_a_year * clock.entry_years),
        years=format_number(clock.entry_years),
        scale=format_number(entry.national_entrants / entry.entrants_a_year),
    )


def _made(run: ReportedRun) -> str:
    known = run.manifest.determinants
    return message(
        "report.page.made",
        date=format_date(dt.datetime.fromisoformat(run.manifest.created).date()),
        paths=_count(known.get("paths")),
        seed=str(known.get("seed", "–")),
        run=run.manifest.run,
    )


def facts_of(run: ReportedRun) -> dict[str, str]:
    """Return what the run came from, by name."""
    manifest, known = run.manifest, run.manifest.determinants
    facts = {
        "command": run.command or message("report.run.no_command"),
        "id": manifest.run,
        "created": str(manifest.created).replace("T", " ")[:19],
        "paths": _count(known.get("paths")),
        "seed": str(known.get("seed", "–")),
        "machine": _pairs(manifest.machine),
        "versions": _pairs(manifest.versions),
        "timings": _pairs({name: format_number(value, digits=1) for name, value in manifest.timings.items()}),
        "engine": str(known.get("engine", "")),
        "lock": manifest.lock or "",
    }
    return {message(f"report.run.{name}"): text for name, text in facts.items() if text}


def _pairs(named: object) -> str:
    known = dict(named) if hasattr(named, "items") else {}  # type: ignore[call-overload]
    return format_list(message("report.run.pairs", name=name, value=value) for name, value in known.items() if value)


def _count(given: object) -> str:
    return format_number(given) if isinstance(given, int) else "–"


@cache
def _template() -> jinja2.Template:
    # Everything is escaped; a name that the page uses and nobody gave is an error.
    loader = jinja2.DictLoader({"report.html.j2": _text("report.html.j2")})
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("report.html.j2")


@cache
def _text(name: str) -> str:
    return (files("finance.show") / "templates" / name).read_text(encoding="utf-8")
