"""A run that `verify --json` wrote, read back and checked against its schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

__all__ = ["read_run"]

#: fields of the schema that runs of earlier versions lack
_NEW = frozenset({"problems"})
_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "null": lambda v: v is None,
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool) and isfinite(v),
}


@cache
def _schema() -> dict[str, Any]:
    path = Path(__file__).with_name("verify-1.schema.json")
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def _check(value: Any, schema: Mapping[str, Any], place: str) -> None:
    """Raise ValueError, which names the place, where `value` is not as `schema` says, every property included."""
    if "$ref" in schema:
        schema = _schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    if "const" in schema and value != schema["const"]:
        raise ValueError(f"{place} must be {schema['const']!r}")
    if "enum" in schema and not (isinstance(value, str | int) and value in schema["enum"]):
        raise ValueError(f"{place} must be one of {', '.join(map(str, schema['enum']))}")
    wanted = schema.get("type", [])
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if kinds and not any(_TYPES[kind](value) for kind in kinds):
        raise ValueError(f"{place} must be of type {' or '.join(kinds)}")
    if isinstance(value, dict):
        properties: Mapping[str, Any] = schema.get("properties", {})
        for name, inner in properties.items():
            if name in value:
                _check(value[name], inner, f"{place}.{name}")
            elif name not in _NEW:
                raise ValueError(f"{place}.{name} is missing; a run of an older version? Run `verify --json` again")
        other = schema.get("additionalProperties")
        if isinstance(other, Mapping):
            for name in value.keys() - properties.keys():
                _check(value[name], other, f"{place}.{name}")
    if isinstance(value, list) and "items" in schema:
        for i, entry in enumerate(value):
            _check(entry, schema["items"], f"{place}[{i}]")


def read_run(file: str) -> dict[str, Any]:
    """The run in `file`, for an option `--run`.

    Raises:
        ValueError: the file holds something else, or a run of an older version; says where.
        OSError: it cannot be read.
    """
    try:
        data: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
        if not isinstance(data, dict) or not isinstance(data.get("claims"), list) or data.get("schema") != 1:
            raise ValueError("not a run as `verify --json` writes it (schema 1)")
        _check(data, _schema(), "run")
    except json.JSONDecodeError as problem:
        raise ValueError(f"--run {file}: no JSON: {problem}") from None
    except UnicodeDecodeError:
        raise ValueError(f"--run {file}: no JSON: not UTF-8 text") from None
    except RecursionError:
        raise ValueError(f"--run {file}: no JSON that a run has: nested too deeply") from None
    except ValueError as problem:
        raise ValueError(f"--run {file}: {problem}") from None
    return data
