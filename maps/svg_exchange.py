"""The printed map of an exchange: the largest holders coloured, or only what changes hands."""

import geopandas as gpd
import pandas as pd

from landplan.messages import say
from landplan.proposal.exchange import holdings_of
from landplan.proposal.proposal import Proposal
from maps.svg_drawing import Drawing
from maps.svg_furniture import Entry
from maps.symbols import CATEGORIES, category

_FIGURE = 28.0


def draw_exchange(drawing: Drawing, proposal: Proposal, *, show: str, named: bool) -> list[Entry]:
    """Draw who holds what before or after; returns the lines of the legend for it.

    ``show``: ``before``, ``after``, or ``both`` (after, with what changes hands outlined). Readers
    who may not see owners (``named`` False) get what changes hands alone.
    """
    held = holdings_of(proposal)
    parcels = proposal.parcels.merge(
        held[["parcel_id", "party_before", "party_after"]], on="parcel_id", validate="one_to_one"
    )
    moved = parcels[parcels["party_before"] != parcels["party_after"]]
    entry = Entry(
        "received" if not named else "before", say("map.ui.moved", None, drawing.language)
    )
    if not named:
        drawn = drawing.shapes("received", moved.geometry)
        drawing.keys.discard("received")
        return [entry] if drawn else []
    column = "party_before" if show == "before" else "party_after"
    legend = _coloured(drawing, parcels, column, _largest(held))
    if show == "both" and drawing.shapes("before", moved.geometry):
        drawing.keys.discard("before")
        legend.append(entry)
    return legend


def _largest(held: pd.DataFrame) -> list[str]:
    """Return the parties with most land, before and after together: one colour in both maps."""
    areas = held.groupby("party_before")["area_m2"].sum()
    areas = areas.add(held.groupby("party_after")["area_m2"].sum(), fill_value=0.0)
    order = sorted(areas.index, key=lambda party: (-float(areas[party]), str(party)))
    return [str(party) for party in order[:CATEGORIES]]


def _coloured(
    drawing: Drawing, parcels: gpd.GeoDataFrame, column: str, largest: list[str]
) -> list[Entry]:
    legend = []
    for row, party in enumerate(largest):
        shapes = parcels.geometry[parcels[column] == party]
        key, number = category(row), str(row + 1)
        drawing.shapes(key, shapes)
        drawing.keys.discard(key)
        for shape in shapes:
            drawing.label([(number, _FIGURE, True)], shape)
        legend.append(Entry(key, party, number))
    if drawing.shapes("category_other", parcels.geometry[~parcels[column].isin(largest)]):
        drawing.keys.discard("category_other")
        other = say("map.legend.other_holders", None, drawing.language)
        legend.append(Entry("category_other", other))
    return legend
