"""Parts of a document that may be wrong anywhere: what is not there, or of a wrong type, counts as nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from finance.scenario.shape import Content, Path, at, is_finite_number


def named_tables(content: object) -> dict[str, Content]:
    """Return the tables by name under a table such as ``classes``, the order left out."""
    if not isinstance(content, Mapping):
        return {}
    return {name: table for name, table in content.items() if name != "order" and isinstance(table, dict)}


def names_in(content: object) -> list[str]:
    """Return a list of names, or an empty one where there is something else."""
    return [name for name in content if isinstance(name, str)] if isinstance(content, list | tuple) else []


def number_in(content: object, key: str) -> float | None:
    """Return a number of a table, or None where there is none."""
    value = content.get(key) if isinstance(content, Mapping) else None
    return value if is_finite_number(value) else None


def tables_at(document: Content, pattern: Path, path: Path = ()) -> Iterator[tuple[Path, Content]]:
    """Walk the tables of a document that a pattern means; ``*`` stands for each named table."""
    if not pattern:
        table = at(document, path)
        if isinstance(table, dict):
            yield path, table
        return
    names = named_tables(at(document, path)) if pattern[0] == "*" else (pattern[0],)
    for name in names:
        yield from tables_at(document, pattern[1:], (*path, name))
