"""A request that is still being written, made whole enough to count the land it leaves.

What contradicts itself is named and set aside; what is not said yet restricts nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.validation import validated
from landplan.errors import ManyErrors
from landplan.planning.assemble.names import check_names
from landplan.planning.assemble.request import AssembleRequest

Severity = Literal["impossible", "check", "note"]
_ANY_AREA = [1e-6, 1_000_000.0]


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to look at before calculating.

    ``severity``: ``impossible`` where no plan can meet the demand as it stands, ``check`` where
    something contradicts itself, ``note`` where it is only good to know. ``ids`` are parcels.
    """

    code: str
    params: Mapping[str, object]
    severity: Severity
    ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """A valid request in place of a partial one, and what was set aside for it."""

    request: AssembleRequest
    area_known: list[bool]
    warnings: list[list[Warned]] = field(default_factory=list)
    """By demand."""
    ids: list[str] = field(default_factory=list)
    """The demands' own ids, which the request may have had to change."""


def completed(request: AssembleRequest | Mapping[str, Any], cadastre: Cadastre) -> Draft:
    """Return a request that can be judged.

    Parameters
    ----------
    request
        A checked request, or the part that `landplan.planning.form.parse_form` understood.
    cadastre
        Where its names are looked up; unknown ones become warnings.

    Raises
    ------
    ManyErrors
        A value has the wrong kind or lies outside its limits.
    """
    data = request.model_dump() if isinstance(request, AssembleRequest) else dict(request)
    data = {"process": "assemble", **{key: value for key, value in data.items() if value != {}}}
    _settle_shape(data)
    # they name demands, take no land away, and are asked for again when the request is whole
    data.pop("between", None)
    data["elsewhere"] = [land for land in data.get("elsewhere", []) if land.get("parcels")]
    for number, land in enumerate(data["elsewhere"], 1):
        land.setdefault("name", str(number))
    demands = [dict(demand) for demand in data.get("demand", [])] or [{}]
    warnings: list[list[Warned]] = [[] for _ in demands]
    ids = [str(demand.get("id") or f"{number + 1}") for number, demand in enumerate(demands)]
    known = [_settle_area(demand) for demand in demands]
    claimed: dict[str, int] = {}
    for number, demand in enumerate(demands):
        demand["id"] = f"demand-{number + 1}"
        _settle_locks(demand, warnings[number])
        _settle_claims(number, demand, ids, claimed, warnings[number])
    data["demand"] = demands
    whole = validated(AssembleRequest, data, "request")
    _look_up(whole, cadastre, warnings, ids)
    return Draft(whole, known, warnings, ids)


def _settle_shape(data: dict[str, Any]) -> None:
    """Leave out a rectangle of which only one side is said so far."""
    shape = dict(data.get("shape") or {})
    sides = [key for key in ("rectangle_length_m", "rectangle_width_m") if shape.get(key)]
    if len(sides) == 1:
        del shape[sides[0]]
        data["shape"] = shape


def _settle_area(demand: dict[str, Any]) -> bool:
    """Whether an area range is asked for; none in its place allows any."""
    area = demand.get("area_ha") or demand.get("area_mu")
    if area and len(area) == 2 and area[0] <= area[1]:
        return True
    demand.pop("area_mu", None)
    demand["area_ha"] = _ANY_AREA
    return False


def _settle_locks(demand: dict[str, Any], warnings: list[Warned]) -> None:
    must, never = list(demand.get("must") or []), set(demand.get("never") or [])
    for parcel in sorted(set(must) & never):
        params = {"id": parcel}
        code = "remaining.locked_and_excluded"
        warnings.append(Warned(code, params, "check", (parcel,)))
    demand["must"] = [parcel for parcel in must if parcel not in never]
    if demand["must"] and demand.get("count", 1) != 1:
        warnings.append(Warned("remaining.locked_with_count", {}, "check"))
        demand["must"] = []


def _settle_claims(
    number: int,
    demand: dict[str, Any],
    ids: list[str],
    claimed: dict[str, int],
    warnings: list[Warned],
) -> None:
    """Leave a parcel that two demands lock in to the first of them."""
    for parcel in dict.fromkeys(demand["must"]):
        first = claimed.setdefault(parcel, number)
        if first != number:
            params = {"id": parcel, "first": ids[first], "second": ids[number]}
            warnings.append(Warned("remaining.locked_twice", params, "check", (parcel,)))
    demand["must"] = [parcel for parcel in demand["must"] if claimed[parcel] == number]


def _look_up(
    request: AssembleRequest, cadastre: Cadastre, warnings: list[list[Warned]], ids: list[str]
) -> None:
    """Name everything that the town does not have."""
    try:
        check_names(request, cadastre)
    except ManyErrors as errors:
        places = {demand.id: number for number, demand in enumerate(request.demand)}
        for error in errors.errors:
            number = places.get(str(error.params["demand"]), 0)
            params = {**error.params, "demand": ids[number]}
            warnings[number].append(Warned(error.code, params, "check"))
