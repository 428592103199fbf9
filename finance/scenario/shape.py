"""The shape of a scenario file, read off the models once: which keys there are, what they mean and may be.

Everything that has to know a key (errors, doses, sources, explanations, the JSON schema) asks here, so that
the models in ``schema*.py`` are the only place where a value is described.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from finance.scenario.problems import Meaning
from finance.scenario.schema import HEAD_KEYS, ScenarioFields, Text
from finance.scenario.schema_base import NamedTables

Path = tuple[str, ...]
"""A key path, ``("classes", "patient", "capacity")``."""

Content = dict[str, Any]
"""The content of a file, or a part of it, as TOML gives it."""


class _Unstated:
    """The type of `UNSTATED`."""


NO_MEANING = Meaning("", "")

UNSTATED = _Unstated()
"""The default of a value that has none: a file has to state it."""


@dataclass(frozen=True)
class Node:
    """A place in a scenario file.

    Attributes
    ----------
    kind : {"table", "named", "mapping", "text", "value"}
        A table of known keys; tables by name; values by name; a text in both languages; a value.
    type : {"whole", "number", "text", "yes_no", "choice", "names", "numbers", "pairs", "date", ""}
        What a value is; empty for tables.
    children : mapping of str to Node
        The keys of a table.
    element : Node or None
        What stands behind each name, in tables or values by name.
    low, high : float
        Bounds of a number; ``low_open`` and ``high_open`` say that the bound itself is excluded.
    longest : int or None
        Letters of a text at most; None where nothing is said.
    default : object
        The value where a file states none; `UNSTATED` if a file has to.
    neutral : float or None
        Value from which a dose moves it when the whole table exists in one scenario only; None if a dose does not.
    """

    kind: Literal["table", "named", "mapping", "text", "value"]
    type: str = ""
    children: Mapping[str, Node] = field(default_factory=dict)
    element: Node | None = None
    meaning: Meaning = NO_MEANING
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ""
    longest: int | None = None
    default: object = UNSTATED
    neutral: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether this is a single number, which a dose can scale."""
        return self.type in ("whole", "number")

    def child(self, name: str) -> Node | None:
        """Return the place one key further down, or None if there is none."""
        if name in self.children:
            return self.children[name]
        return self.element

    @property
    def allowed(self) -> str:
        """What is allowed, in signs that need no translation: ``"0 ≤ x < 1"``."""
        if self.choices:
            return " | ".join(f'"{choice}"' for choice in self.choices)
        if self.pattern:
            return self.pattern
        low = "" if self.low == -math.inf else f"{self.low:g} {'<' if self.low_open else '≤'} "
        high = "" if self.high == math.inf else f" {'<' if self.high_open else '≤'} {self.high:g}"
        return f"{low}x{high}" if low or high else ""


@cache
def scenario_shape() -> Node:
    """Return the shape of a scenario file."""
    return _table(ScenarioFields)


@cache
def values_shape() -> Node:
    """Return the shape of the tables of values alone, without the head of the file."""
    shape = scenario_shape()
    return Node(kind="table", children={k: v for k, v in shape.children.items() if k not in HEAD_KEYS})


@cache
def shape_of(model: type[BaseModel]) -> Node:
    """Return the shape of any other file, such as a curve."""
    return _table(model)


def place(path: Path, shape: Node | None = None) -> Node | None:
    """Return what stands at a key path by the schema, or None if nothing can stand there."""
    node = shape or scenario_shape()
    for name in path:
        following = node.child(name)
        if following is None:
            return None
        node = following
    return node


def leaves(content: Mapping[str, Any], shape: Node, path: Path = ()) -> Iterator[tuple[Path, Node, object]]:
    """Walk the values of a document: (path, place, value) of each; texts and unknown keys are left out."""
    for key, value in content.items():
        node = shape.child(key)
        if node is None or node.kind == "text":
            continue
        here = (*path, key)
        if node.kind == "value":
            yield here, node, value
        elif isinstance(value, Mapping):
            yield from leaves(value, node, here)


def at(content: object, path: Path, default: object = None) -> Any:
    """Return what a document has at a path, or ``default``."""
    for name in path:
        if not isinstance(content, Mapping) or name not in content:
            return default
        content = content[name]
    return content


def is_finite_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number that a float can hold; yes and no are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer of hundreds of digits
        return False


def dotted(path: Path) -> str:
    """Write a path with dots."""
    return ".".join(path)


def _table(model: type[BaseModel]) -> Node:
    return Node(
        kind="table",
        children={name: _field(info) for name, info in model.model_fields.items()},
    )


def _field(info: FieldInfo) -> Node:
    annotation = _without_none(info.annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        nothing: object = info.default
        if info.default_factory is not None:  # a table that may be left out: without tables, or with its own defaults
            nothing = {"order": []} if issubclass(annotation, NamedTables) else {}
        return replace(_model(annotation), default=UNSTATED if info.is_required() else nothing)
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    common: dict[str, Any] = {
        "meaning": Meaning(info.description or "", str(extra.get("zh", ""))),
        "unit": str(extra.get("unit", "")),
        "default": UNSTATED if info.is_required() else info.default,
        "neutral": extra.get("neutral"),
    }
    if get_origin(annotation) is not None and issubclass(_origin(annotation), Mapping):
        element = get_args(annotation)[1]
        if isinstance(element, type) and issubclass(element, BaseModel):
            return Node(kind="mapping", element=_model(element), **common)
        return Node(kind="mapping", element=_field(FieldInfo.from_annotation(element)), **common)
    return Node(kind="value", **_type(annotation), **_bounds(info), **common)


def _model(model: type[BaseModel]) -> Node:
    if issubclass(model, Text):
        return Node(kind="text", children=_table(model).children)
    if issubclass(model, NamedTables):
        element = get_args(model.model_fields["tables"].annotation)[1]
        order = _field(model.model_fields["order"])
        return Node(kind="named", children={"order": order}, element=_model(element))
    return _table(model)


def _type(annotation: Any) -> dict[str, Any]:
    simple = {int: "whole", float: "number", str: "text", bool: "yes_no", dt.date: "date"}
    if annotation in simple:
        return {"type": simple[annotation]}
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return {"type": "choice", "choices": arguments}
    if origin is tuple:
        if str in arguments:
            return {"type": "names"}
        return {"type": "numbers" if float in arguments else "pairs"}
    raise TypeError(f"the schema has a type that scenario files do not know: {annotation!r}")


def _bounds(info: FieldInfo) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    for rule in info.metadata:
        if isinstance(rule, annotated_types.Ge):
            bounds |= {"low": rule.ge}
        elif isinstance(rule, annotated_types.Gt):
            bounds |= {"low": rule.gt, "low_open": True}
        elif isinstance(rule, annotated_types.Le):
            bounds |= {"high": rule.le}
        elif isinstance(rule, annotated_types.Lt):
            bounds |= {"high": rule.lt, "high_open": True}
        elif isinstance(rule, annotated_types.MaxLen):
            bounds |= {"longest": rule.max_length}
        elif getattr(rule, "pattern", None):
            bounds |= {"pattern": rule.pattern}
    return bounds


def _origin(annotation: Any) -> type:
    origin = get_origin(annotation)
    return origin if isinstance(origin, type) else object


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _without_none(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        if len(kinds) == 1:
            return _without_none(kinds[0])
    return annotation
