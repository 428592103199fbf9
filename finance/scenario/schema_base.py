"""What every table of a scenario has in common: frozen, bounded, documented, and nothing unknown in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Generic, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

Key = TypeVar("Key")
Value = TypeVar("Value")

NAME_PATTERN = r"^[a-z0-9-]+$"
"""Names of scenarios and of curve files: they are file stems on every system."""

TABLE_NAME_PATTERN = r"^[A-Za-z0-9_-]+$"
"""Names of sectors, stages and classes: no dot, so that a dotted path has one reading."""

RESERVED_TABLE_NAMES = frozenset({"order", "absent", "all"})
"""``all`` is the total row of the result tables, the other two are words of the file format."""

UNITS = (
    "share",
    "share a year",
    "probability",
    "probability a quarter",
    "rate a year",
    "volatility a year",
    "years",
    "quarters",
    "CNY million",
    "CNY million a year",
    "number",
    "number a year",
    "log-odds",
    "log value",
    "standard deviations",
    "multiple",
    "ratio",
    "shape",
    "elasticity",
    "correlation",
    "reversion a year",
    "correlation a quarter",
    "text",
    "date",
    "yes or no",
    "choice",
    "name",
    "list of names",
    "list of pairs",
)
"""The units a value may have; a test keeps every field to this list and the catalogue to it."""


class FrozenMap(dict[Key, Value]):
    """A dictionary that cannot be changed, so that a frozen table is frozen all the way down."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("a scenario cannot be changed in place: use with_changes")

    __setitem__ = _refuse
    __delitem__ = _refuse
    __ior__ = _refuse
    clear = _refuse
    pop = _refuse
    popitem = _refuse
    setdefault = _refuse
    update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenMap[Key, Value]], tuple[dict[Key, Value]]]:
        # The default would rebuild the map item by item, which a frozen map refuses.
        return FrozenMap, (dict(self),)

    def __deepcopy__(self, memo: object) -> FrozenMap[Key, Value]:
        return self


def _freeze(mapping: Mapping[Key, Value]) -> FrozenMap[Key, Value]:
    return FrozenMap(mapping)


Frozen = AfterValidator(_freeze)
"""Annotates a mapping that is to be kept as a `FrozenMap`."""


def described(
    en: str, zh: str, unit: str, *, extensive: bool = False, neutral: float | None = None, **bounds: Any
) -> Any:
    """Return a field with its meaning in both languages, its unit and its bounds.

    Parameters
    ----------
    en, zh : str
        What the value means, in English and in Chinese.
    unit : str
        One of `UNITS`.
    extensive : bool
        An amount that a dose scales when the whole table exists in one scenario only: neutral at 0.
    neutral : float, optional
        Value at which it does nothing, from which a dose moves it when the whole table exists in one scenario only.
    **bounds
        ``ge``, ``gt``, ``le``, ``lt``, ``default`` and the like, as for ``pydantic.Field``.

    Returns
    -------
    pydantic.fields.FieldInfo
        Typed ``Any``, as ``pydantic.Field`` is, so that it can stand behind any annotation.
    """
    extra: dict[str, Any] = {"zh": zh, "unit": unit}
    if extensive:
        extra["neutral"] = 0.0
    if neutral is not None:
        extra["neutral"] = neutral
    return Field(description=en, json_schema_extra=extra, **bounds)


class Table(BaseModel):
    """A table of values: frozen, strict about types, without NaN or infinity, closed to unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        defer_build=True,  # validators are built when first used: importing the package stays quick
    )


class Text(Table):
    """A text in both languages."""

    en: Annotated[str, Field(min_length=1)] = described("In English.", "英文。", "text")
    zh: Annotated[str, Field(min_length=1)] = described("In Chinese.", "中文。", "text")


LONGEST_NOTE = 2000
"""Letters of a note in one language: a paragraph to be read, not a paper."""


class Note(Text):
    """A paragraph in both languages."""

    en: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)] = described("In English.", "英文。", "text")
    zh: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)] = described("In Chinese.", "中文。", "text")


Names = Annotated[tuple[str, ...], Field(strict=False)]
"""A list of names; a TOML array arrives as a list, hence not strict about the container."""

Pair = Annotated[tuple[float, float], Field(strict=False)]
Steps = Annotated[tuple[Pair, ...], Field(strict=False)]
"""A list of pairs of numbers, such as ``[[4.0, 0.01], [8.0, 0.05]]``."""

Element = TypeVar("Element", bound=Table)


class NamedTables(Table, Generic[Element]):
    """Tables by name, in an order that the file states: ``tables["seed"]``, ``tables.names``.

    In a file the named tables stand beside ``order``; here they are gathered in ``tables``.
    """

    order: Names = described("The names of the tables, in order.", "各表的名称，按顺序列出。", "list of names")
    tables: Annotated[Mapping[str, Element], Frozen] = described("The tables by name.", "按名称列出的各表。", "name")

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, content: Any) -> Any:
        """Move what stands beside ``order`` into ``tables``, where anything that is no table is refused."""
        if not isinstance(content, Mapping):
            return content
        named = {name: table for name, table in content.items() if name != "order"}
        return {key: content[key] for key in ("order",) if key in content} | {"tables": named}

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order."""
        return self.order

    def __getitem__(self, name: str) -> Element:
        return self.tables[name]

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter(self.order)

    def items(self) -> tuple[tuple[str, Element], ...]:
        """Return (name, table) in order."""
        return tuple((name, self.tables[name]) for name in self.order)

    def in_order(self) -> tuple[Element, ...]:
        """Return the tables in order."""
        return tuple(self.tables[name] for name in self.order)


def is_named_tables(field: FieldInfo) -> bool:
    """Whether a field holds tables by name."""
    return isinstance(field.annotation, type) and issubclass(field.annotation, NamedTables)
