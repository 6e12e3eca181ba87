"""The reference of all processes, derived from their request models."""

from typing import Any

from landplan.planning.process import find_asked, process_ids, report_ids, series_ids


def listing() -> list[dict[str, Any]]:
    """Return id, version and title of every process."""
    return [_head(process_id) for process_id in process_ids()]


def reports() -> list[dict[str, Any]]:
    """Return id, version and title of every process whose answer is a report, not a plan."""
    return [_head(process_id) for process_id in report_ids()]


def series() -> list[dict[str, Any]]:
    """Return id, version and title of everything that several processes answer in order."""
    return [_head(series_id) for series_id in series_ids()]


def describe(process_id: str) -> dict[str, Any]:
    """Return a process with the JSON schema of its request; raises InputError for an unknown id."""
    process = find_asked(process_id)
    return {
        **_head(process_id),
        "outputs": list(process.outputs),
        "request": process.request.model_json_schema(),
    }


def fields(process_id: str) -> list[str]:
    """Return the reference as lines: every field with unit, bounds, default and help."""
    schema = describe(process_id)["request"]
    lines = [f"{find_asked(process_id).title}", ""]
    lines += _lines(schema, schema.get("$defs", {}), "")
    return lines


def _head(process_id: str) -> dict[str, Any]:
    process = find_asked(process_id)
    return {"id": process.id, "version": process.version, "title": process.title}


def _lines(schema: dict[str, Any], definitions: dict[str, Any], prefix: str) -> list[str]:
    lines: list[str] = []
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        inner = _inner(field, definitions)
        if inner is not None:
            header = f"[[{prefix}{name}]]" if field.get("type") == "array" else f"[{prefix}{name}]"
            lines += [
                "",
                f"{header}  {field.get('description') or inner.get('description', '')}",
                *_lines(inner, definitions, f"{prefix}{name}."),
            ]
            continue
        facts = ", ".join(
            fact
            for fact in (_kind(field), _limits(field), _default(field, name in required))
            if fact
        )
        lines += [f"  {name} ({facts})", f"      {field.get('description', '')}"]
    return lines


def _inner(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any] | None:
    reference = field.get("$ref") or field.get("items", {}).get("$ref")
    return definitions[reference.rsplit("/", 1)[1]] if reference else None


def _kind(field: dict[str, Any]) -> str:
    unit = field.get("x-unit")
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    if "const" in field:
        return str(field["const"])
    kinds = [option.get("type", "") for option in field.get("anyOf", [field])]
    kind = " or ".join(kind for kind in kinds if kind != "null")
    names = {
        "array": "list",
        "number": "number",
        "integer": "whole number",
        "string": "text",
        "boolean": "true or false",
    }
    return names.get(kind, kind) + (f" in {unit}" if unit else "")


def _limits(field: dict[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    return ", ".join(f"{sign} {field[key]:g}" for key, sign in signs.items() if key in field)


def _default(field: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    return "" if field.get("default") is None else f"default {field['default']!r}"
