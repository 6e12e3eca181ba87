"""From TOML text to a checked model.

Every fault at once, unknown keys with the nearest known one.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from landplan.errors import InputError, ManyErrors

Model = TypeVar("Model", bound=BaseModel)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; raises InputError where it is missing, not UTF-8 or not TOML."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise InputError("file.missing", file=str(path)) from None
    except IsADirectoryError:
        raise InputError("file.is_folder", file=str(path)) from None
    except OSError as error:
        raise InputError("file.unreadable", file=str(path), detail=error.strerror or "") from None
    except UnicodeDecodeError:
        raise InputError("toml.not_utf8", file=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError("toml.syntax", file=str(path), detail=str(error)) from None


def validated(model: type[Model], data: Mapping[str, Any], source: str) -> Model:
    """Check data against a model.

    Raises ManyErrors with one InputError per fault, each naming its key.
    """
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        faults = [_fault(model, dict(entry), source) for entry in error.errors()]
        raise ManyErrors(faults) from None


def _fault(model: type[BaseModel], entry: dict[str, Any], source: str) -> InputError:
    kind = entry["type"]
    path, last = entry["loc"][:-1], entry["loc"][-1:]
    # the last part of an unknown or missing key is always the key itself, however it is written
    kept = last if kind in ("extra_forbidden", "missing") else _keys_of_file(last)
    location = [*_keys_of_file(path), *kept]
    key = _dotted(location)
    if kind == "extra_forbidden":
        known = _known_keys(model, location[:-1])
        nearest = difflib.get_close_matches(str(location[-1]).lower(), known, n=1, cutoff=0.0)
        return InputError(
            "key.unknown", file=source, key=key, nearest=nearest[0] if nearest else "–"
        )
    if kind == "missing":
        return InputError("key.missing", file=source, key=key)
    context = entry.get("ctx") or {}
    own = context.get("error")
    if isinstance(own, LookupFault):
        return InputError(own.code, file=source, key=key, **own.params)
    value = entry.get("input")
    return InputError("key.invalid", file=source, key=key, value=_short(value), detail=entry["msg"])


class LookupFault(ValueError):
    """Raised by validators: a fault with a code of its own."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def _keys_of_file(location: Iterable[str | int]) -> list[str | int]:
    return [part for part in location if not _is_union_branch(part)]


def _is_union_branch(part: object) -> bool:
    """Pydantic names the branch of a union in the location (``Column``, ``list[str]``).

    No key of the file.
    """
    return isinstance(part, str) and (
        part[:1].isupper() or "[" in part or part in {"str", "int", "float", "bool"}
    )


def _dotted(location: Iterable[object]) -> str:
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _known_keys(model: type[BaseModel], location: Iterable[object]) -> list[str]:
    current: list[type[BaseModel]] = [model]
    for part in location:
        if isinstance(part, int):
            continue
        current = [
            inner
            for outer in current
            for name, field in outer.model_fields.items()
            if part in (name, field.alias)
            for inner in _models_in(field.annotation)
        ]
    return [field.alias or name for outer in current for name, field in outer.model_fields.items()]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _models_in(argument)]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
