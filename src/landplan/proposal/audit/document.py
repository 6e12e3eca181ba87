"""`proposal.json` as the audit understands it, read without trust."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landplan.errors import InputError

STATUSES = ("optimal", "feasible", "infeasible", "stopped")


@dataclass(frozen=True, slots=True)
class Place:
    """How far the parcels of a site must and may lie from the nearest of some places, m."""

    layer: str
    names: frozenset[str]
    min_m: float
    max_m: float | None


@dataclass(frozen=True, slots=True)
class Apart:
    """How far the sites of two demands must and may lie from each other, m."""

    demands: frozenset[str]
    min_m: float
    max_m: float | None


@dataclass(frozen=True, slots=True)
class Demand:
    """What was asked for one kind of site; areas in m²."""

    id: str
    area_min_m2: float
    area_max_m2: float
    count: int
    land_uses: frozenset[str]
    zones: frozenset[str]
    min_zone_share: float
    max_bridges: int
    min_parcels: int
    must: frozenset[str]
    never: frozenset[str]
    never_owners: frozenset[str]
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Land that every site must mostly leave aside."""

    name: str
    parcels: frozenset[str]
    max_share: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Prices (currency) and rules that hold for every site; 0 or empty is none.

    Proposals made before a key was known do not have it: then nothing was asked.
    """

    per_owner: float
    per_bridge: float
    per_closed_m2: float
    closes: bool
    closed_classes: frozenset[str]
    moment: float
    per_survival: float
    refusal_unknown: float
    heads: float
    area: float
    unknown_for: bool
    refused_excluded: bool
    min_width_m: float
    width_share: float
    rectangle_m: tuple[float, float]
    holes: str
    min_frontage_m: float
    road_classes: frozenset[str]
    reach_m: float
    keep_street_contact: bool
    min_orphan_area_m2: float
    max_owners: int
    elsewhere: tuple["Elsewhere", ...]
    max_cost: float
    between: tuple[Apart, ...]

    @property
    def owners(self) -> bool:
        """Whether anything asked needs the owners to be told."""
        return self.per_survival > 0 or self.refused_excluded or max(self.heads, self.area) > 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the proposal says became of one demand."""

    id: str
    met: bool
    sites: tuple[str, ...]
    has_reason: bool


@dataclass(frozen=True, slots=True)
class Certificate:
    """Objective, bound and what follows from them, in currency units; None where there is none."""

    sense: str
    objective: float | None
    bound: float | None
    gap: float | None
    status: str
    terms: Mapping[str, float]
    seed: int
    solver: str


@dataclass(frozen=True, slots=True)
class Document:
    """The parts of ``proposal.json`` that can be re-checked; ``raw`` is all of it."""

    raw: Mapping[str, Any]
    id: str
    process: str
    version: str
    request: Mapping[str, Any]
    demands: tuple[Demand, ...]
    outcomes: tuple[Outcome, ...]
    max_width_m: float
    min_facing_m: float
    never_over: frozenset[str]
    max_radius_factor: float
    asked: Asked
    acquirer_owners: frozenset[str]
    allow_zero_cost: bool
    certificate: Certificate
    crs: str
    data_hash: str
    tolerance_m: float
    min_border_m: float
    water_uses: frozenset[str]
    hierarchical_uses: bool
    content_hash: Mapping[str, str]
    file_hashes: Mapping[str, str]
    exclusions: Mapping[str, int]


def read_document(path: Path) -> Document:
    """Read ``proposal.json``.

    Raises
    ------
    InputError
        ``audit.document_unreadable`` where it is no JSON object, ``audit.document_key`` where a
        key is missing or has a
        value of the wrong kind.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError("audit.document_unreadable", file=path.name) from error
    if not isinstance(raw, dict):
        raise InputError("audit.document_unreadable", file=path.name)
    return _document(_Node(raw, path.name, ""))


class _Node:
    """A JSON object that is asked for its keys by kind and names the key it cannot answer for."""

    def __init__(self, data: Mapping[str, Any], file: str, prefix: str) -> None:
        self.data = data
        self.file = file
        self.prefix = prefix

    def fault(self, key: str) -> InputError:
        return InputError("audit.document_key", file=self.file, key=f"{self.prefix}{key}")

    def _get(self, key: str, kind: type | tuple[type, ...], default: object = ...) -> Any:
        value = self.data.get(key, default)
        if (
            value is ...
            or not isinstance(value, kind)
            or (isinstance(value, bool) and kind is not bool)
        ):
            raise self.fault(key)
        return value

    def node(self, key: str) -> "_Node":
        return _Node(self._get(key, dict), self.file, f"{self.prefix}{key}.")

    def nodes(self, key: str, default: object = ...) -> list["_Node"]:
        items = self._get(key, list, default)
        if not all(isinstance(item, dict) for item in items):
            raise self.fault(key)
        return [_Node(item, self.file, f"{self.prefix}{key}[{i}].") for i, item in enumerate(items)]

    def table(self, key: str) -> "_Node":
        return self.node(key) if key in self.data else _Node({}, self.file, f"{self.prefix}{key}.")

    def text(self, key: str, default: object = ...) -> str:
        return str(self._get(key, str, default))

    def flag(self, key: str, default: object = ...) -> bool:
        return bool(self._get(key, bool, default))

    def whole(self, key: str, default: object = ...) -> int:
        return int(self._get(key, int, default))

    def number(self, key: str, default: object = ...) -> float:
        value = float(self._get(key, (int, float), default))
        if not math.isfinite(value):
            raise self.fault(key)
        return value

    def optional_number(self, key: str) -> float | None:
        return None if key in self.data and self.data[key] is None else self.number(key)

    def texts(self, key: str, default: object = ...) -> tuple[str, ...]:
        items = self._get(key, list, default)
        if not all(isinstance(item, str) for item in items):
            raise self.fault(key)
        return tuple(items)

    def numbers(self, key: str) -> dict[str, float]:
        inner = self.node(key)
        return {name: inner.number(name) for name in inner.data}

    def words(self, key: str) -> dict[str, str]:
        inner = self.node(key)
        return {name: inner.text(name) for name in inner.data}


_NO_SITES: Mapping[str, Any] = {
    "demand": [],
    "bridge": {"max_width_m": 0.0, "min_facing_m": 0.0, "never_over": []},
    "shape": {"max_radius_factor": 0.0},
    "acquirer_owners": [],
    "zero_cost": "allow",
}


def _document(root: _Node) -> Document:
    request = root.node("request")
    asked = request.data
    if root.text("process") == "exchange":  # nothing of it is about sites
        request = _Node(
            {**_NO_SITES, "seed": request.data.get("seed")}, request.file, request.prefix
        )
    provenance = root.node("provenance")
    bridge, shape = request.node("bridge"), request.node("shape")
    exclusions = root.node("exclusions")
    return Document(
        raw=root.data,
        id=root.text("id"),
        process=root.text("process"),
        version=root.text("landplan_version"),
        request=asked,
        demands=tuple(_demand(item) for item in request.nodes("demand")),
        outcomes=tuple(_outcome(item) for item in root.nodes("demands")),
        max_width_m=bridge.number("max_width_m"),
        min_facing_m=bridge.number("min_facing_m"),
        never_over=frozenset(bridge.texts("never_over")),
        max_radius_factor=shape.number("max_radius_factor"),
        asked=_asked(request, shape),
        acquirer_owners=frozenset(request.texts("acquirer_owners")),
        allow_zero_cost=request.text("zero_cost") == "allow",
        certificate=_certificate(root.node("certificate")),
        crs=provenance.text("crs"),
        data_hash=provenance.text("data_hash"),
        tolerance_m=provenance.number("tolerance_m"),
        min_border_m=provenance.number("min_border_m"),
        water_uses=frozenset(provenance.texts("water_uses", [])),
        hierarchical_uses=provenance.data.get("land_use_scheme", "local") != "local",
        content_hash=provenance.words("content_hash"),
        file_hashes={item.text("name"): item.text("sha256") for item in provenance.nodes("files")},
        exclusions={rule: exclusions.whole(rule) for rule in exclusions.data},
    )


def _asked(request: _Node, shape: _Node) -> Asked:
    price, consent = request.table("price"), request.table("consent")
    frontage, neighbours = request.table("frontage"), request.table("neighbours")
    bridge = request.node("bridge")
    sides = [shape.number(f"rectangle_{side}_m", 0.0) for side in ("length", "width")]
    return Asked(
        per_owner=price.number("per_owner", 0.0),
        per_bridge=price.number("per_bridge", 0.0),
        per_closed_m2=price.number("per_closed_m2", 0.0),
        closes=bridge.text("mode", "keep") == "close",
        closed_classes=frozenset(bridge.texts("classes", [])),
        moment=price.number("moment", 0.0),
        per_survival=price.number("per_survival", 0.0),
        refusal_unknown=price.number("refusal_unknown", 0.0),
        heads=consent.number("heads", 0.0),
        area=consent.number("area", 0.0),
        unknown_for=consent.text("unknown", "for") == "for",
        refused_excluded=consent.text("refused", "allow") == "exclude",
        min_width_m=shape.number("min_width_m", 0.0),
        width_share=shape.number("width_share", 0.0),
        rectangle_m=(max(sides), min(sides)),
        holes=shape.text("holes", "allow"),
        min_frontage_m=frontage.number("min_m", 0.0),
        road_classes=frozenset(frontage.texts("classes", [])),
        reach_m=frontage.number("reach_m", 0.0),
        keep_street_contact=neighbours.flag("keep_street_contact", False),
        min_orphan_area_m2=neighbours.number("min_orphan_area_m2", 0.0),
        max_owners=consent.whole("max_owners", 0),
        elsewhere=tuple(_elsewhere(request)),
        max_cost=request.table("budget").number("max_cost", 0.0),
        between=tuple(_apart(item) for item in request.nodes("between", [])),
    )


def _elsewhere(request: _Node) -> list[Elsewhere]:
    lands = request.nodes("elsewhere") if "elsewhere" in request.data else []
    return [
        Elsewhere(land.text("name"), frozenset(land.texts("parcels")), land.number("max_share"))
        for land in lands
    ]


def _demand(item: _Node) -> Demand:
    area = item.data.get("area_ha")
    ranged = isinstance(area, list) and len(area) == 2 and all(map(_is_number, area))
    if not isinstance(area, list) or not (ranged and 0 < area[0] <= area[1]):
        raise item.fault("area_ha")
    return Demand(
        id=item.text("id"),
        area_min_m2=float(area[0]) * 10_000,
        area_max_m2=float(area[1]) * 10_000,
        count=item.whole("count"),
        land_uses=frozenset(item.texts("land_uses")),
        zones=frozenset(item.texts("zones")),
        min_zone_share=item.number("min_zone_share"),
        max_bridges=item.whole("max_bridges"),
        min_parcels=item.whole("min_parcels"),
        must=frozenset(item.texts("must")),
        never=frozenset(item.texts("never")),
        never_owners=frozenset(item.texts("never_owners")),
        places=tuple(_place(place) for place in item.nodes("place", [])),
    )


def _apart(item: _Node) -> Apart:
    demands = frozenset({item.text("a"), item.text("b")})
    return Apart(demands, item.number("min_m"), item.optional_number("max_m"))


def _place(item: _Node) -> Place:
    names = frozenset(item.texts("names"))
    most = item.optional_number("max_m")
    return Place(item.text("layer"), names, item.number("min_m"), most)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _outcome(item: _Node) -> Outcome:
    return Outcome(
        id=item.text("id"),
        met=item.flag("met"),
        sites=item.texts("sites"),
        has_reason=item.data.get("reason") is not None,
    )


def _certificate(item: _Node) -> Certificate:
    if item.text("sense") not in ("min", "max"):
        raise item.fault("sense")
    return Certificate(
        sense=item.text("sense"),
        objective=item.optional_number("objective"),
        bound=item.optional_number("bound"),
        gap=item.optional_number("gap"),
        status=item.text("status"),
        terms=item.numbers("terms"),
        seed=item.whole("seed"),
        solver=item.text("solver"),
    )
