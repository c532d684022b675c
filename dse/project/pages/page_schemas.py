"""JSON Schemas of pages, by which an editor completes keys and marks what is none.

They follow from what the readers of pages know: keys, blocks with their settings, objectives with
their options. What depends on a page's own axes is told when the page is read.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dse.configs import GRID_WORDS
from dse.costs import CONDITION_CHOICES, DTYPES, names_of_every_candidate
from dse.devices import DEVICE_KEYS
from dse.language import LONGEST
from dse.project.config_groups import GIVEN, OBJECTIVES
from dse.space import (
    AXIS_KEYS,
    BLOCKS,
    INPUT_KEYS,
    JOINS,
    LINE_KEYS,
    OF_TRAINING,
    PAGE_KEYS,
    PER,
    RANGE_KEYS,
    SHARE_WORDS,
)

Schema = dict[str, Any]

_DIALECT = "http://json-schema.org/draft-07/schema#"
_NUMBER: Schema = {"type": "number"}
_WORD: Schema = {"type": "string"}
_YES_OR_NO: Schema = {"type": "boolean"}
_OF_TRAINING: Schema = {"const": OF_TRAINING}
_QUANTITY: Schema = {"type": ["number", "string"]}
_VALUE: Schema = {"type": ["number", "string", "boolean"]}
"""A number, a word, or an expression."""
_EXPRESSION: Schema = {"type": ["number", "string", "boolean"], "maxLength": LONGEST}
_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
_DEFAULTS: Schema = {"defaults": {"type": "array", "items": _WORD}}
"""Pages of the same group that a page is made of."""


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 1}


def _any_of(*choices: Schema) -> Schema:
    return {"anyOf": list(choices)}


def _object(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    """Return the schema of a mapping with these keys and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _by_name(values: Schema) -> Schema:
    return {"type": ["object", "null"], "additionalProperties": values}


def _known(keys: Iterable[str], said: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return a schema for each of some keys: what is said of it, or anything."""
    return {key: said.get(key, {}) for key in keys}


def family_schema() -> Schema:
    """Return the schema of a page of `family/`."""
    default = _any_of(_VALUE, _list_of(_any_of(_VALUE, _list_of(_VALUE))))
    said = {"default": default, "per": {"enum": list(PER)}, "when": _EXPRESSION}
    said |= {"ordered": _YES_OR_NO, "of": _OF_TRAINING}
    axis = _object(_known(AXIS_KEYS, said), ["default"])
    named = {
        kind: _object(
            _known(keys, {"shape": _list_of(_EXPRESSION), "dtype": _WORD}),
            ["shape"],
        )
        for kind, keys in INPUT_KEYS.items()
    }
    inputs = _any_of(_list_of(_EXPRESSION), *named.values())
    every = {key for keys in PAGE_KEYS.values() for key in keys}
    keys = _known(
        sorted(every),
        {
            "kind": {"enum": list(PAGE_KEYS)},
            "axes": {
                "type": "object",
                "propertyNames": {
                    "pattern": _NAME,
                    "not": {"enum": [*GRID_WORDS, *names_of_every_candidate()]},
                },
                "additionalProperties": _any_of(_VALUE, axis),
            },
            "variants": _by_name(_by_name(default)),
            "input": _any_of(
                _list_of(_EXPRESSION), {"type": "object", "additionalProperties": inputs}
            ),
            "where": _by_name(_EXPRESSION),
            "cells": _by_name(_cell()),
            "choices": _by_name(_by_name({"$ref": "#/definitions/line"})),
            "blocks": _list_of({"$ref": "#/definitions/line"}),
            "share": _object({kind: {"enum": list(words)} for kind, words in SHARE_WORDS.items()}),
            "target": _WORD,
            "arguments": _by_name(_VALUE),
        },
    )
    of_callables = {"kind": {"const": "callable"}}
    alone = {
        "if": {"properties": of_callables, "required": ["kind"]},
        "then": _only(PAGE_KEYS["callable"], ["axes", "input", "target"]),
        "else": _only(PAGE_KEYS["blocks"], ["axes", "input", "blocks"]),
    }
    return {
        "$schema": _DIALECT,
        "title": "A family of networks",
        **_object({**keys, **_DEFAULTS}),
        # A page upon others says what differs.
        "if": {"required": ["defaults"]},
        "else": alone,
        "definitions": {"line": _line(), "edge": _line("from")},
    }


def _cell() -> Schema:
    """Return the schema of a cell: its nodes, or these and what enters."""
    edge = _any_of(_WORD, {"$ref": "#/definitions/line"})
    inputs = _any_of({"type": "integer", "minimum": 1}, _list_of(edge))
    nodes = _list_of(_any_of(_node(edge), _list_of({"$ref": "#/definitions/edge"})))
    return _any_of(nodes, _object({"inputs": inputs, "nodes": nodes}, ["nodes"]))


def _node(edge: Schema) -> Schema:
    """Return the schema of a node of a cell: what the edges from earlier nodes are."""
    return {
        "type": "object",
        "patternProperties": {"^[0-9]+$": edge},
        "properties": {"join": {"enum": list(JOINS)}},
        "additionalProperties": False,
    }


def _only(keys: Iterable[str], required: Iterable[str]) -> Schema:
    return {"propertyNames": {"enum": [*keys, *_DEFAULTS]}, "required": list(required)}


def _line(*further: str) -> Schema:
    """Return the schema of a line of blocks, with the settings of each block that is known."""
    known = {"block": _WORD, "repeat": _EXPRESSION, "for_each": _WORD}
    keys = _known(LINE_KEYS, known) | dict.fromkeys(further, _EXPRESSION)
    settings = [
        {
            "if": {"properties": {"block": {"const": name}}},
            "then": {
                "propertyNames": {
                    "enum": [*keys, *block.parameters, *sorted(block.shared_settings)],
                },
            },
        }
        for name, block in sorted(BLOCKS.items())
    ]
    return {"type": "object", "properties": keys, "required": ["block"], "allOf": settings}


def grid_schema() -> Schema:
    """Return the schema of a page of `grid/`; which axes there are, the page of the family says."""
    beside = {"ordered": _YES_OR_NO, "of": _OF_TRAINING}
    span = {
        **_object(dict.fromkeys(RANGE_KEYS, _NUMBER) | beside, ["from", "to"]),
        "oneOf": [{"required": ["step"]}, {"required": ["factor"]}],
    }
    several = _any_of(_VALUE, _list_of(_VALUE), span)
    listed = _object({"values": _any_of(_list_of(_VALUE), span), **beside}, ["values"])
    zipped = {"type": "object", "additionalProperties": several}
    part = _any_of(_WORD, {"$ref": "#"})
    words = _known(
        GRID_WORDS,
        {
            "exclude": _any_of(_WORD, _list_of(_WORD)),
            "file": {"type": ["string", "null"]},
            "from": {"type": ["string", "null"]},
            "union": _any_of(part, _list_of(part)),
            "zip": _any_of(zipped, _list_of(zipped)),
        },
    )
    return {
        "$schema": _DIALECT,
        "title": "A grid: the values of a family's axes",
        "type": ["object", "null"],
        "properties": {**words, **_DEFAULTS},
        "propertyNames": {"pattern": _NAME},
        "additionalProperties": _any_of(several, listed, {"type": "null"}),
    }


def objective_schema() -> Schema:
    """Return the schema of a page of `objective/`."""
    own = {"_target_": _WORD, "name": _WORD, "weight": _NUMBER, "replicates": {"type": "integer"}}
    own["direction"] = {"enum": ["maximize", "minimize", None]}
    options = [
        {
            "if": {"properties": {"_target_": {"const": path}}},
            "then": {"propertyNames": {"enum": [*own, *_options(function), *_DEFAULTS]}},
        }
        for path, function in OBJECTIVES.items()
    ]
    measure = {"type": "object", "properties": own, "required": ["_target_"], "allOf": options}
    several = {
        "type": "object",
        "additionalProperties": {"$ref": "#/definitions/measure"},
        "minProperties": 1,
    }
    common = {**_DEFAULTS, "replicates": own["replicates"]}
    return {
        "$schema": _DIALECT,
        "title": "An objective: what a search measures",
        "oneOf": [
            {"$ref": "#/definitions/measure"},
            _object({"goals": several, **common}, ["goals"]),
            _object({"sum": several, "direction": own["direction"], **common}, ["sum"]),
        ],
        "definitions": {"measure": measure},
    }


def _options(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in GIVEN]


def device_schema() -> Schema:
    """Return the schema of a page of `device/`."""
    said = {
        "peak": {"type": "object", "propertyNames": {"enum": list(DTYPES)},
                 "additionalProperties": _QUANTITY},
        "efficiency": _QUANTITY,
        "calibrated": _YES_OR_NO,
        "sources": {"type": "object", "propertyNames": {"enum": list(DEVICE_KEYS)},
                    "additionalProperties": _WORD},
        "dtype": {"enum": list(DTYPES)},
        "runtime": {"enum": list(CONDITION_CHOICES["runtime"])},
    }  # fmt: skip
    keys = {key: said.get(key, _QUANTITY) for key in DEVICE_KEYS}
    return {"$schema": _DIALECT, "title": "A device", **_object({**keys, **_DEFAULTS})}


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "family": family_schema,
    "grid": grid_schema,
    "objective": objective_schema,
    "device": device_schema,
}
"""What makes the schema of each kind of page that a directory of one's own begins with."""
