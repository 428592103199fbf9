"""In which order scenarios may be named, and which may not."""

from __future__ import annotations

from finance.language import format_list, message
from finance.show.cells import difference
from finance.show.grids import Compared
from finance.show.report_tables import titles_of
from finance.study.values import Value, value_of

_MEASURE = "coverage"


def ranking(run: Compared) -> list[str]:
    """Order scenarios by what they change in coverage by money, as far as intervals bear it out.

    Parameters
    ----------
    run : Compared
        A comparison.

    Returns
    -------
    list of str
        Sentences. Scenarios whose intervals overlap are named together; those whose difference from the
        baseline covers zero have no place in the order. None for fewer than two scenarios beside the baseline.
    """
    titles = titles_of(run)[1:]
    found = {
        title: value
        for name, title in titles
        if (value := value_of(run.tables.get("differences"), scenario=name, table="headline", measure=_MEASURE))
    }
    if len(found) < 2:
        return []
    clear = {title: value for title, value in found.items() if value.is_clear}
    unclear = [title for title in found if title not in clear]
    told = []
    if clear:
        groups = [_spoken(group, clear) for group in together(clear)]
        told.append(message("report.rank.order", groups=message("report.rank.then").join(groups)))
    if unclear:
        told.append(message("report.rank.none", names=format_list(unclear)))
    return told


def together(values: dict[str, Value]) -> list[list[str]]:
    """Sort labels from the highest value on, those together that a chain of overlapping intervals connects.

    That is more careful than it need be: two scenarios on the same luck may be told apart though their intervals
    overlap, but the tables do not have their difference.
    """
    groups: list[list[str]] = []
    for label in sorted(values, key=lambda one: -values[one].value):
        if groups and any(values[label].overlaps(values[other]) for other in groups[-1]):
            groups[-1].append(label)
        else:
            groups.append([label])
    return groups


def _spoken(group: list[str], values: dict[str, Value]) -> str:
    each = [
        message(
            "report.rank.one",
            name=label,
            points=message("report.rank.points", points=difference(_MEASURE, values[label]).number),
        )
        for label in group
    ]
    return each[0] if len(each) == 1 else message("report.rank.tied", names=format_list(each))
