"""A town file written from its model."""

from typing import Any

from landplan.cadastre.draft.notes import toml_value
from landplan.cadastre.townfile import TownFile


def town_toml(town: TownFile) -> str:
    """Return a town file that reads back as this model."""
    data: dict[str, Any] = town.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
    )
    lines = [f"format = {town.format}"]
    for title, section in data.items():
        if title == "format":
            continue
        joins = section.pop("join", [])
        lines += ["", f"[{title}]", *_keys(section)]
        for join in joins:
            lines += ["", f"[[{title}.join]]", *_keys(join)]
    return "\n".join(lines) + "\n"


def _keys(section: dict[str, Any]) -> list[str]:
    return [f"{key} = {toml_value(value)}" for key, value in section.items()]
