"""The workbook of the drawing, written plainly: headings in two rows, rows, a line of totals."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd

from landplan.messages import say

if TYPE_CHECKING:
    from tests.proposal.audit.drawing import Drawing

Row = list[object]


def english(code: str) -> str:
    return say(f"ledger.{code}", None, "en")


def headings(names: str) -> list[str]:
    """Headings of columns; money carries its currency."""
    money = ("value", "cost", "received", "moving_value", "moving_cost")
    return [
        english(f"column.{name}") + (", CNY" if name.startswith(money) else "")
        for name in names.split()
    ]


def write_workbook(drawing: "Drawing", path: Path) -> None:
    book = openpyxl.Workbook()
    summary = book.active
    summary.title = "Summary 摘要"
    parcels, sites = drawing.layers["parcels"], drawing.layers["sites"]
    land, value = parcels["area_m2"].sum(), parcels["value"].sum()
    paid = sum(drawing.price(name) for names in drawing.sites.values() for name in names)
    lines: list[Row] = [
        ["Town / 城镇", "手绘小镇"],
        [f"{english('closing')} / 结算", "Before / 前", "After / 后", "Difference / 差"],
        [f"{english('closing.land')} / 土地, m²", land, land, 0],
        [f"{english('closing.value')} / 价值, CNY", value, value, 0],
        [f"{english('closing.money')} / 资金, CNY", paid, sites["cost"].sum(), 0],
    ]
    for line in lines:
        summary.append(line)
    for title, heading, rows in tables(drawing):
        sheet = book.create_sheet(f"{english(f'sheet.{title}')} 表")
        sheet.append(heading)
        sheet.append(["（中文）"] * len(heading))
        for row in rows:
            sheet.append(["—" if pd.isna(cell) else cell for cell in row])
        sheet.append(
            [
                f"{english('total')} / 合计",
                *(total(heading, rows, k) for k in range(1, len(heading))),
            ]
        )
        sheet.append(["Rounded for display."])
    book.save(path)


def total(heading: list[str], rows: list[Row], position: int) -> object:
    name = heading[position]
    cells = [row[position] for row in rows]
    if name.startswith(("Cost per", "Perimeter", "Compact")) or any(
        isinstance(c, str) for c in cells
    ):
        return None
    known = [float(cell) for cell in cells if not pd.isna(cell)]
    return math.fsum(known) if known or not cells else "—"


def areas(square_metres: float) -> Row:
    return [square_metres, square_metres / 10_000, square_metres * 15 / 10_000]


def tables(drawing: "Drawing") -> list[tuple[str, list[str], list[Row]]]:
    parcels = drawing.layers["parcels"].drop_duplicates("parcel_id").set_index("parcel_id")
    home = {name: site for site, names in drawing.sites.items() for name in names}
    moving = [
        [
            *(home[name], name, p["owner_id"], "ACQUIRER", p["land_use"], p["zone"]),
            *areas(p["area_m2"]),
            *(p["area_registered_m2"], p["value"], drawing.price(name)),
        ]
        for name, p in parcels.loc[list(home)].iterrows()
    ]
    heading = headings(
        "site parcel owner_before owner_after land_use zone area_m2 area_ha area_mu "
        "area_registered_m2 value cost"
    )
    return [
        ("parcels", heading, moving),
        site_sheet(drawing, parcels),
        group_sheet("uses", "land_use", drawing, parcels),
        group_sheet("zones", "zone", drawing, parcels),
        owner_sheet(drawing, parcels),
    ]


def site_sheet(drawing: "Drawing", parcels: pd.DataFrame) -> tuple[str, list[str], list[Row]]:
    rows = []
    for site in drawing.layers["sites"].to_dict("records"):
        value = parcels.loc[list(drawing.sites[site["site_id"]]), "value"].sum()
        hectares = site["area_m2"] / 10_000
        rows.append(
            [
                *(site[name] for name in ("site_id", "demand_id", "parcel_count", "owner_count")),
                *(site["bridge_count"], *areas(site["area_m2"]), value, site["cost"]),
                *(site["cost"] / hectares, site["cost"] / hectares / 15, site["perimeter_m"]),
                *(site["polsby_popper"], site["inertia"]),
            ]
        )
    heading = headings(
        "site demand parcels owners crossings area_m2 area_ha area_mu value cost cost_per_ha "
        "cost_per_mu perimeter_m polsby_popper inertia"
    )
    return "sites", heading, rows


def group_sheet(
    title: str, column: str, drawing: "Drawing", parcels: pd.DataFrame
) -> tuple[str, list[str], list[Row]]:
    rows = []
    names = parcels[column].fillna("—")
    for name in sorted(set(names)):
        group = parcels[names == name]
        inside = group[group["site_id"].notna()]
        paid = sum(drawing.price(parcel) for parcel in inside.index)
        land = areas(inside["area_m2"].sum())
        head = [name, len(group), group["area_m2"].sum(), len(inside)]
        rows.append([*head, *land, inside["value"].sum(), paid])
    heading = headings(
        f"{column} parcels area_m2 moving_parcels moving_m2 moving_ha moving_mu moving_value "
        "moving_cost"
    )
    return title, heading, rows


def owner_sheet(drawing: "Drawing", parcels: pd.DataFrame) -> tuple[str, list[str], list[Row]]:
    """Who gives, and o9, who holds a quarter of N1 and is paid for it; the city is not."""
    inside = parcels[parcels["site_id"].notna()]
    paid = {"o9": 0.0}
    for name in inside.index:
        payee = "o9" if name == "N1" else parcels["owner_id"][name]
        paid[payee] = paid.get(payee, 0.0) + drawing.price(name)
    givers = sorted({*inside["owner_id"], *paid}) if len(inside) else []
    rows = []
    for name in givers:
        before = parcels[parcels["owner_id"] == name]
        rows.append(holdings(name, before, before[before["site_id"].isna()], paid.get(name, 0)))
    if givers:
        rows.append(holdings("ACQUIRER", parcels.iloc[:0], inside, 0))
    rest = parcels[~parcels["owner_id"].isin(givers)]
    rows.append(holdings(f"{english('others')} / 其他", rest, rest, 0))
    heading = headings(
        "owner parcels_before area_before_m2 value_before parcels_after area_after_m2 value_after "
        "difference_m2 difference_mu received"
    )
    return "owners", heading, rows


def holdings(name: str, before: pd.DataFrame, after: pd.DataFrame, paid: float) -> Row:
    change = after["area_m2"].sum() - before["area_m2"].sum()
    # a site is one holding, however many parcels it is made of
    sites = after["site_id"]
    count = int(sites.isna().sum()) + sites.nunique()
    held: Row = [len(before), before["area_m2"].sum(), before["value"].sum()]
    held += [count, after["area_m2"].sum(), after["value"].sum()]
    return [name, *held, change, change * 15 / 10_000, paid]
