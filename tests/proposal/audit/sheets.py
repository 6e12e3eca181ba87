"""The workbook of the drawing, written plainly: headings in two rows, rows, a line of totals."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd

if TYPE_CHECKING:
    from tests.proposal.audit.drawing import Drawing

Row = list[object]


def write_workbook(drawing: "Drawing", path: Path) -> None:
    book = openpyxl.Workbook()
    summary = book.active
    summary.title = "Summary 摘要"
    parcels, sites = drawing.layers["parcels"], drawing.layers["sites"]
    land, value = parcels["area_m2"].sum(), parcels["value"].sum()
    paid = sum(drawing.price(name) for names in drawing.sites.values() for name in names)
    lines: list[Row] = [
        ["Town / 城镇", "手绘小镇"],
        ["Closing lines / 结算", "Before / 前", "After / 后", "Difference / 差"],
        ["Land of all parcels / 全部土地, m²", land, land, 0],
        ["Value of all parcels / 全部价值, CNY", value, value, 0],
        ["Money: owners receive / 资金, CNY", paid, sites["cost"].sum(), 0],
    ]
    for line in lines:
        summary.append(line)
    for title, heading, rows in tables(drawing):
        sheet = book.create_sheet(title)
        sheet.append(heading)
        sheet.append(["（中文）"] * len(heading))
        for row in rows:
            sheet.append(["—" if pd.isna(cell) else cell for cell in row])
        sheet.append(["Total / 合计", *(total(heading, rows, k) for k in range(1, len(heading)))])
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


AREAS = ["Area, drawn, m²", "Area, drawn, ha", "Area, drawn, mu"]


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
    heading = ["Site", "Parcel", "Owner before", "Owner after", "Land use", "Zone", *AREAS]
    heading += ["Area, registered, m²", "Value, CNY", "Acquisition cost, CNY"]
    return [
        ("Parcels 地块", heading, moving),
        site_sheet(drawing, parcels),
        group_sheet("Uses 用途", "Land use", "land_use", drawing, parcels),
        group_sheet("Zones 分区", "Zone", "zone", drawing, parcels),
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
    heading = ["Site", "Demand", "Parcels", "Owners", "Street crossings", *AREAS, "Value, CNY"]
    heading += ["Acquisition cost, CNY", "Cost per ha, CNY", "Cost per mu, CNY", "Perimeter, m"]
    heading += ["Compactness 4πA/P² (disc: 1)", "Compactness A²/2πI (disc: 1)"]
    return "Sites 用地", heading, rows


def group_sheet(
    title: str, first: str, column: str, drawing: "Drawing", parcels: pd.DataFrame
) -> tuple[str, list[str], list[Row]]:
    rows = []
    for name in sorted(set(parcels[column])):
        group = parcels[parcels[column] == name]
        inside = group[group["site_id"].notna()]
        paid = sum(drawing.price(parcel) for parcel in inside.index) if len(inside) else None
        value = inside["value"].sum() if len(inside) else None
        land = areas(inside["area_m2"].sum())
        rows.append([name, len(group), group["area_m2"].sum(), len(inside), *land, value, paid])
    heading = [first, "Parcels", AREAS[0], "Parcels into sites", "Into sites, m²", "Into sites, ha"]
    heading += ["Into sites, mu", "Value into sites, CNY", "Acquisition cost, CNY"]
    return title, heading, rows


def owner_sheet(drawing: "Drawing", parcels: pd.DataFrame) -> tuple[str, list[str], list[Row]]:
    givers = sorted(set(parcels.loc[parcels["site_id"].notna(), "owner_id"]))
    rows = []
    for name in [*givers, "ACQUIRER", "All other owners / 其他权利人"]:
        if name in givers:
            before = parcels[parcels["owner_id"] == name]
            after = before[before["site_id"].isna()]
        elif name == "ACQUIRER":
            before, after = parcels.iloc[:0], parcels[parcels["site_id"].notna()]
        else:
            before = after = parcels[~parcels["owner_id"].isin(givers)]
        given = before[before["site_id"].notna()]
        paid = sum(drawing.price(parcel) for parcel in given.index) if len(given) else None
        change = after["area_m2"].sum() - before["area_m2"].sum()
        held = [cell for side in (before, after) for cell in holding(side)]
        rows.append([name, *held, change, change * 15 / 10_000, paid])
    heading = ["Owner", "Parcels before", "Area before, m²", "Value before, CNY", "Parcels after"]
    heading += ["Area after, m²", "Value after, CNY", "Difference, m²", "Difference, mu"]
    return "Owners 权利人", [*heading, "Received for land, CNY"], rows


def holding(parcels: pd.DataFrame) -> Row:
    known = parcels["value"].notna().any() or not len(parcels)
    return [len(parcels), parcels["area_m2"].sum(), parcels["value"].sum() if known else None]
