"""The JSON schema of the file format, for editors and other programs.

It describes a *file*, which may leave out what its baseline states; the rules between values are in
`finance.scenario.rules` and cannot be said in a schema.
"""

from __future__ import annotations

import math
from typing import Any

from finance.scenario.schema import FORMAT, GRADES
from finance.scenario.schema_base import TABLE_NAME_PATTERN
from finance.scenario.shape import UNSTATED, Node, scenario_shape

_TYPES = {"whole": "integer", "number": "number", "text": "string", "yes_no": "boolean", "choice": "string"}
_ABSENT = {
    "type": "object",
    "properties": {"absent": {"const": True}},
    "required": ["absent"],
    "additionalProperties": False,
}
_HEAD = ("format", "name", "title", "question")


def json_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a scenario file.

    Returns
    -------
    dict
        Descriptions in English, with the Chinese text under ``zh`` and the unit under ``unit``. A file
        without ``baseline`` has to state every value; one with a baseline states what differs.
    """
    shape = scenario_shape()
    properties = {
        key: _of(child, is_delta=True)
        for key, child in shape.children.items()
        if key not in ("format", "sources", "ranges")
    }
    properties["format"] = {"const": FORMAT, "description": shape.children["format"].meaning.en}
    properties["sources"] = _sources(shape.children["sources"])
    properties["ranges"] = _ranges(shape.children["ranges"])
    root = [key for key, child in shape.children.items() if child.default is UNSTATED]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "scenario file",
        "type": "object",
        "properties": properties,
        "required": list(_HEAD),
        "additionalProperties": False,
        "if": {"not": {"required": ["baseline"]}},
        "then": {
            "required": root,
            "properties": {
                key: _of(child, is_delta=False)
                for key, child in shape.children.items()
                if child.kind in ("table", "named")
            },
        },
    }


def _of(node: Node, *, is_delta: bool) -> dict[str, Any]:
    if node.kind == "value":
        return _value(node)
    schema: dict[str, Any] = {"type": "object"}
    if node.kind == "mapping":
        assert node.element is not None
        return schema | _described(node) | {"additionalProperties": _of(node.element, is_delta=is_delta)}
    children = {key: _of(child, is_delta=is_delta) for key, child in node.children.items()}
    schema |= {"properties": children, "additionalProperties": False}
    if node.kind == "text":
        return schema | {"required": list(children)}
    if node.kind == "named":
        assert node.element is not None
        element = _of(node.element, is_delta=is_delta)
        schema["additionalProperties"] = {"anyOf": [_ABSENT, element]} if is_delta else element
        schema["propertyNames"] = {"pattern": TABLE_NAME_PATTERN}
    if not is_delta:
        schema["required"] = [key for key, child in node.children.items() if child.default is UNSTATED]
    return schema


def _value(node: Node) -> dict[str, Any]:
    if node.type == "date":
        # TOML has dates of its own; as JSON they are texts.
        return {"type": "string", "format": "date"} | _described(node)
    if node.type == "names":
        return {"type": "array", "items": {"type": "string"}} | _described(node)
    if node.type == "pairs":
        pair = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        return {"type": "array", "items": pair} | _described(node)
    schema: dict[str, Any] = {"type": _TYPES[node.type]}
    if node.low > -math.inf:
        schema["exclusiveMinimum" if node.low_open else "minimum"] = node.low
    if node.high < math.inf:
        schema["exclusiveMaximum" if node.high_open else "maximum"] = node.high
    if node.choices:
        schema["enum"] = list(node.choices)
    if node.pattern:
        schema["pattern"] = node.pattern
    if node.longest is not None:
        schema["maxLength"] = node.longest
    if node.default not in (UNSTATED, None):
        schema["default"] = node.default
    return schema | _described(node)


def _described(node: Node) -> dict[str, Any]:
    described = {"description": node.meaning.en, "zh": node.meaning.zh, "unit": node.unit}
    return {key: text for key, text in described.items() if text}


def _sources(node: Node) -> dict[str, Any]:
    assumption = {"type": "string", "pattern": "^\\s*([Aa]ssum(ption|ed)|假设|假定)"}
    stated = {
        "type": "object",
        "properties": {
            "text": {"type": "string", "minLength": 1},
            "url": {"type": "string"},
            "grade": {"enum": list(GRADES)},
        },
        "required": ["text", "grade"],
        "additionalProperties": False,
    }
    return {"type": "object", "additionalProperties": {"anyOf": [assumption, stated]}} | _described(node)


def _ranges(node: Node) -> dict[str, Any]:
    pair = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    return {"type": "object", "additionalProperties": pair} | _described(node)
