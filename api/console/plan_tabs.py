"""What the tabs Parcels, Owners, Measures and Inputs of a plan list, ready to print."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from api.console.plan_asked import (
    NO_LARGEST_HA,
    Line,
    asked_lines,
    lines_of_all,
    lines_of_places,
    lines_together,
)
from api.console.plan_figures import hectares, parcels_of
from api.console.plan_source import Source
from landplan.codes import landuse
from landplan.messages import Language, has, say
from landplan.messages.numbers import (
    M2_PER_HA,
    MISSING,
    MU_PER_HA,
    area,
    decimal,
    length,
    money_cell,
    share,
)
from landplan.proposal.certificate import amount as amount_of
from landplan.proposal.ledger_money import ledger_rows, received

Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A parcel of the plan."""

    id: str
    site: str
    ha: str
    mu: str
    cost: str
    use: str
    use_name: str
    zone: str
    locked: bool
    register: str
    """What the register says, where it differs by more than 1 % from what is drawn."""


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """An owner who gives land."""

    id: str
    parcels: int
    ha: str
    share_of_holding: str
    value: str
    paid: str
    difference: str
    sort: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that the plan has to keep, whether it does, and with which figure."""

    kept: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with the way it is calculated."""

    name: str
    value: str
    how: str


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """Checks of the independent audit on one subject; sentences only for those who may."""

    name: str
    passed: int
    total: int
    sentences: list[tuple[bool, str]] = field(default_factory=list)


SORTS = {"id": "parcel_id", "area": "area_m2", "cost": "cost", "use": "land_use", "zone": "zone"}


def parcel_rows(source: Source, site: str | None = None, sort: str = "") -> list[ParcelRow]:
    """List the parcels of a plan or of one of its sites."""
    inside = parcels_of(source, site)
    column = SORTS.get(sort.removeprefix("-"), "")
    if column in inside:
        inside = inside.sort_values(column, ascending=not sort.startswith("-"), kind="stable")
    locked = {
        parcel for demand in source.whole.request.get("demand", []) for parcel in demand["must"]
    }
    names = use_names(source)
    return [
        ParcelRow(
            id=row["parcel_id"],
            site=row["site_id"],
            ha=hectares(row["area_m2"]),
            mu=decimal(row["area_m2"] * MU_PER_HA / M2_PER_HA, 1),
            cost=money_cell(row["cost"], source.language) if "cost" in row else "",
            use=_text(row["land_use"]),
            use_name=names.get(row["land_use"], _text(row["land_use"])),
            zone=_text(row["zone"]),
            locked=row["parcel_id"] in locked,
            register=_register(row, source.language),
        )
        for row in inside.to_dict("records")
    ]


def use_names(source: Source) -> dict[str, str]:
    """Return the names of the land uses of a plan by their codes; the town's own words as such."""
    town = source.whole.town
    if town.land_use_scheme == "local":
        return {}
    scheme = landuse.scheme(town.land_use_scheme, town.land_use_edition)
    codes = source.whole.parcels["land_use"].dropna().unique()
    found = {code: scheme.find(code) for code in codes}
    return {code: one.name(source.language) for code, one in found.items() if one is not None}


def owner_rows(source: Source) -> list[OwnerRow]:
    """List who gives land and what is paid for it, the largest loss first; by shares of rights."""
    assert source.names
    whole = source.whole
    moving = ledger_rows(whole)
    paid = received(whole, moving)
    held = _shares(whole, moving)
    given = held[held["moves"]].groupby("owner_id")
    total = held.groupby("owner_id")["area"].sum()
    rows = []
    for owner, land in given:
        if owner in whole.request.get("acquirer_owners", []):
            continue
        value = float(land["value"].sum()) if land["value"].notna().all() else None
        money_paid = float(paid.get(owner, 0.0))
        change = None if value is None else money_paid - value
        rows.append(
            OwnerRow(
                id=str(owner),
                parcels=int(land["parcel_before"].nunique()),
                ha=hectares(float(land["area"].sum())),
                share_of_holding=share(_ratio(land["area"].sum(), total[owner]), source.language),
                value=money_cell(value, source.language),
                paid=money_cell(money_paid, source.language),
                difference=_signed(change, source.language),
                sort=float("inf") if change is None else change,
            )
        )
    return sorted(rows, key=lambda row: (row.sort, row.id))


def _shares(whole: Any, moving: pd.DataFrame) -> pd.DataFrame:
    """Return area and value of every right in a parcel: the parcel's, times the right's share."""
    columns = ["parcel_before", "area_before_m2", "value_before", "moves", "owner_before"]
    rights = whole.rights[["parcel_id", "owner_id", "share"]]
    held = moving[columns].merge(
        rights, left_on="parcel_before", right_on="parcel_id", how="left", sort=False
    )
    held["owner_id"] = held["owner_id"].fillna(held["owner_before"]).fillna(MISSING)
    part = held["share"].fillna(1.0)
    return held.assign(area=held["area_before_m2"] * part, value=held["value_before"] * part)


def rules(source: Source) -> list[Rule]:
    """Say for every site which rules it keeps; once for all sites of a partition."""
    passed = _passed(source)
    if source.whole.process == "partition":
        lines = lines_of_all(source.document["request"], source.layer("sites"), source.language)
        return _rules(lines, "", passed, source.language)
    said: list[Rule] = []
    sites = source.layer("sites").set_index("site_id")
    parcels = parcels_of(source)
    for demand in source.document["request"].get("demand", []):
        own = sites[sites["demand_id"] == demand["id"]]
        for name, site in own.iterrows():
            inside = parcels[parcels["site_id"] == name]
            said += _site_rules(str(name), site, inside, demand, passed, source.language)
            more = asked_lines(source.document["request"], site, source.language)
            said += _rules(more, str(name), passed, source.language)
    together = lines_together(source.document["request"], source.currency, source.language)
    return said + _rules(together, "", passed, source.language)


def _site_rules(
    name: str,
    site: Any,
    inside: pd.DataFrame,
    demand: Said,
    passed: dict[str, bool],
    language: Language,
) -> list[Rule]:
    low, high = (value * M2_PER_HA for value in demand["area_ha"])
    least = float(inside["zone_share"].min()) if demand["zones"] and len(inside) else None
    lines: list[Line] = [
        (
            "area" if demand["area_ha"][1] < NO_LARGEST_HA else "area_least",
            ("sites.area", "sites.area_range"),
            {
                "measured": area(site["area_m2"], language),
                "low": area(low, language),
                "high": area(high, language),
            },
        ),
        (
            "one_piece" if not site["bridge_count"] else "crossings",
            ("sites.contiguous", "bridges.limit", "bridges.count"),
            {"n": int(site["bridge_count"]), "limit": demand["max_bridges"]},
        ),
        ("uses", ("rules.land_use", "rules.street", "rules.water"), {}),
    ]
    if least is not None:
        numbers = {
            "measured": share(least, language, "down"),
            "limit": share(demand["min_zone_share"], language),
        }
        lines.append(("zone", ("rules.zone",), numbers))
    if demand["must"]:
        lines.append(("must", ("rules.must",), {"n": len(demand["must"])}))
    if demand["never"]:
        lines.append(("never", ("rules.never",), {"n": len(demand["never"])}))
    lines += lines_of_places(demand, language)
    lines.append(("restriction", ("rules.restriction",), {}))
    return _rules(lines, name, passed, language)


def _rules(lines: list[Line], name: str, passed: dict[str, bool], language: Language) -> list[Rule]:
    return [
        Rule(
            all(passed.get(check, False) for check in checks),
            say(f"plan.rule.{code}", {"site": name, **params}, language),
        )
        for code, checks, params in lines
    ]


def site_measures(source: Source) -> dict[str, list[Measure]]:
    """Return figures of every site that are no rules, each with its formula."""
    language = source.language
    found: dict[str, list[Measure]] = {}
    for row in source.layer("sites").to_dict("records"):
        numbers = {
            "perimeter": length(row["perimeter_m"], language),
            "compactness": decimal(row["polsby_popper"], 2),
            "hull": decimal(row["hull_ratio"], 2),
            "rectangularity": decimal(row["rectangularity"], 2),
            "elongation": decimal(row["elongation"], 2),
            **_fitting(row, language),
        }
        found[row["site_id"]] = [
            Measure(
                say(f"plan.measure.{key}", None, language),
                value,
                say(f"plan.measure.{key}.how", None, language),
            )
            for key, value in numbers.items()
        ]
    return found


def _fitting(row: Mapping[Any, Any], language: Language) -> dict[str, str]:
    """Return centre, width, rectangle and the like, as far as the plan has them."""
    found = {"centre": _text(row.get("centre_parcel"))}
    for key, column in (("width", "width_m"), ("frontage", "frontage_m")):
        if pd.notna(row.get(column)):
            found[key] = length(row[column], language)
    if pd.notna(row.get("rectangle_length_m")):
        sides = {side: length(row[f"rectangle_{side}_m"], language) for side in ("length", "width")}
        found["rectangle"] = say("plan.measure.rectangle.value", sides, language)
    if pd.notna(row.get("survival")):
        found["survival"] = share(row["survival"], language, "down")
    return {key: value for key, value in found.items() if value}


def terms(source: Source) -> list[tuple[str, str, str]]:
    """Return the parts of the cost and how each is found; nothing for who may not see money."""
    if not source.names:
        return []
    return [
        (
            _term(name, source.language),
            amount_of(amount, source.certificate.unit, source.language),
            _how(name, source.language),
        )
        for name, amount in source.certificate.terms.items()
    ]


def check_groups(source: Source) -> list[CheckGroup]:
    """Return the audit's checks by what they are about."""
    block = source.document["audit"]
    groups: dict[str, list[Said]] = {}
    for check in block["checks"] if block else []:
        groups.setdefault(check["code"].split(".")[1], []).append(check)
    return [
        CheckGroup(
            say(f"plan.checks.{name}", None, source.language),
            sum(bool(check["passed"]) for check in checks),
            len(checks),
            [(bool(one["passed"]), _check(one, source)) for one in checks] if source.names else [],
        )
        for name, checks in groups.items()
    ]


def _check(check: Said, source: Source) -> str:
    numbers = {key: check[key] for key in ("measured", "limit")}
    return say(check["code"], numbers, source.language)


def _passed(source: Source) -> dict[str, bool]:
    block = source.document["audit"]
    checks = block["checks"] if block else []
    return {check["code"].removeprefix("audit."): bool(check["passed"]) for check in checks}


def _how(name: str, language: Language) -> str:
    code = f"plan.term.{name}.how"
    return say(code if has(code, language) else "plan.measure.cost.how", None, language)


def _term(name: str, language: Language) -> str:
    code = f"plan.term.{name}"
    return say(code, None, language) if has(code, language) else name


def _register(row: dict[Any, Any], language: Language) -> str:
    registered = row["area_registered_m2"]
    if registered is None or pd.isna(registered) or not row["area_m2"]:
        return ""
    if abs(registered / row["area_m2"] - 1) <= 0.01:
        return ""
    return say("plan.register_says", {"area": area(float(registered), language)}, language)


def _signed(amount: float | None, language: Language) -> str:
    shown = money_cell(amount, language)
    positive = amount is not None and amount > 0 and any(digit in "123456789" for digit in shown)
    return f"+{shown}" if positive else shown


def _ratio(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else MISSING
