"""Streets that a site may close: the ground between two parcels that face each other joins it.

A crossing can be closed where its street space (`landplan.cadastre.bridges.corridor`) is crossed by
a road of a class that may be closed and by no road of any other, and where no other parcel loses
its way out by it (`landplan.planning.assemble.street_space`). Stretches of street are made disjoint
beforehand: ground that two of them share belongs to the first by the order of the parcels, and a
stretch that no longer joins its two parcels cannot be closed. So nothing is closed or paid for
twice, whatever the plan. What is closed counts by its area; a site's own area stays that of its
parcels.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.cadastre.bridges import Bridges, corridor
from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.segments import BoolArray, IntArray
from landplan.optimize.assembly.objective import spanning_bridges
from landplan.optimize.assembly.problem import Problem
from landplan.planning.assemble.fronting import open_stretches
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.street_space import StreetSpace, street_space

Geometries = NDArray[np.object_]

MET_M: Final = 0.5
"""A road of so much length inside a stretch of street crosses it; less is drawing noise."""
_TOUCHING_M: Final = 1e-3
_SQUARE_DECIMETRES: Final = 100
_NOISE_M2: Final = 0.01


@dataclass(frozen=True, slots=True)
class Closings:
    """What closing each crossing [b] takes; in the order of the crossings.

    Attributes
    ----------
    ground
        [b] the street space that joins the site.
    area
        [b] dm².
    road_class
        [b] the classes of the roads that are closed, with "; " between.
    space
        What is left of street space, and for whom.
    number
        [b] the stretch of ``space`` that each is.
    """

    ground: Geometries
    area: IntArray
    road_class: NDArray[np.object_]
    space: StreetSpace
    number: IntArray

    def cut_off(self, chosen: IntArray, parcels: IntArray) -> IntArray:
        """Return the parcels, none of ``parcels``, whose way out the chosen closings take."""
        return self.space.cut_off(self.number[chosen], parcels)

    def only(self, kept: IntArray) -> "Closings":
        """Return the closings of some crossings."""
        return replace(
            self,
            ground=self.ground[kept],
            area=self.area[kept],
            road_class=self.road_class[kept],
            number=self.number[kept],
        )


def closable(
    request: AssembleRequest,
    cadastre: Cadastre,
    bridges: Bridges,
    barriers: gpd.GeoSeries,
    usable: BoolArray,
) -> tuple[Bridges, Closings]:
    """Return the crossings between usable parcels [n] that may be closed, and what that takes."""
    ends = cadastre.parcels.geometry.to_numpy()
    both = usable[bridges.pairs].all(axis=1)
    crossed = _crossed(cadastre, bridges, request.bridge.classes)
    rows = np.flatnonzero(both & crossed)
    swept = [corridor(cadastre.parcels, bridges, int(row), barriers) for row in rows]
    classes = [_classes(shape, cadastre.roads) for shape in swept]
    allowed = set(request.bridge.classes)
    fits = np.array([bool(one) and one <= allowed for one in classes], np.bool_)
    ground, keeps = _disjoint(swept, fits, ends, bridges.pairs[rows])
    rows, place = rows[keeps], np.flatnonzero(keeps)
    shapes = np.array([ground[i] for i in place] + [None], dtype=object)[:-1]
    found = _closings(
        cadastre,
        shapes,
        np.array(["; ".join(sorted(classes[i])) for i in place] + [""], dtype=object)[:-1],
    )
    harmless = np.array(
        [
            len(found.cut_off(np.array([k]), bridges.pairs[row])) == 0
            for k, row in enumerate(rows.tolist())
        ],
        np.bool_,
    )
    rows = rows[harmless]
    pairs, width, facing = bridges.pairs[rows], bridges.width_m[rows], bridges.facing_m[rows]
    kept = replace(bridges, pairs=pairs, width_m=width, facing_m=facing)
    return kept, found.only(np.flatnonzero(harmless))


def fees_of(closings: Closings | None, price_per_m2: float) -> IntArray:
    """Return what closing each crossing [b] costs, minor units; empty where streets stay."""
    if closings is None:
        return np.empty(0, np.int64)
    square_metres = closings.area / _SQUARE_DECIMETRES
    return np.rint(square_metres * price_per_m2 * MINOR_UNITS).astype(np.int64)


def by_facing(bridges: Bridges) -> IntArray:
    """Return the rank [b] of every bridge: the widest facing first, then the narrowest street."""
    order = np.lexsort(
        (bridges.pairs[:, 1], bridges.pairs[:, 0], bridges.width_m, -bridges.facing_m)
    )
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


def cut_off_by(problem: Problem, rank: IntArray, closings: Closings, parcels: IntArray) -> IntArray:
    """Return the parcels beside a site that its closings leave without a way out.

    Parameters
    ----------
    problem, rank, closings
        Fees and ranks (`by_facing`) tell which of the bridges a site uses.
    parcels
        Of the site.
    """
    return closings.cut_off(spanning_bridges(problem, parcels, rank), parcels)


def _crossed(cadastre: Cadastre, bridges: Bridges, classes: list[str]) -> BoolArray:
    """Return [b] whether a road of the classes comes near both ends: a quick first look."""
    named = cadastre.roads["class"].isin(classes).to_numpy(dtype=bool)
    roads = cadastre.roads.geometry.to_numpy()[named]
    roads = roads[~(shapely.is_missing(roads) | shapely.is_empty(roads))]
    near = np.zeros(len(cadastre.parcels), np.bool_)
    if len(roads):
        shapes = cadastre.parcels.geometry.to_numpy()
        found = shapely.STRtree(roads).query(
            shapes, predicate="dwithin", distance=bridges.max_width_m
        )
        near[found[0]] = True
    return np.asarray(near[bridges.pairs].all(axis=1), np.bool_)


def _classes(ground: shapely.Geometry, roads: gpd.GeoDataFrame) -> set[str]:
    """Return the classes of the roads that cross a stretch of street; "" where one has none."""
    near = roads.iloc[np.sort(roads.sindex.query(ground, predicate="intersects"))]
    met = shapely.length(shapely.intersection(near.geometry.to_numpy(), ground)) >= MET_M
    return set(near["class"].fillna("").astype(str)[met])


def _disjoint(
    ground: list[shapely.Polygon | shapely.MultiPolygon],
    fits: BoolArray,
    ends: Geometries,
    pairs: IntArray,
) -> tuple[list[Any], BoolArray]:
    """Give ground that stretches share to the first; drop those that then join nothing."""
    keeps = fits & np.array([shape.area > _NOISE_M2 for shape in ground], np.bool_)
    own: list[Any] = list(ground)
    if not len(own):
        return own, keeps
    later, earlier = shapely.STRtree(np.array(own, dtype=object)).query(own, predicate="intersects")
    before: dict[int, list[int]] = {}
    for late, early in zip(later.tolist(), earlier.tolist(), strict=True):
        if early < late:
            before.setdefault(late, []).append(early)
    for i in np.flatnonzero(keeps):
        taken = [own[k] for k in before.get(int(i), []) if keeps[k]]
        if not taken or shapely.union_all(taken).intersection(own[i]).area <= _NOISE_M2:
            continue
        parts = shapely.get_parts(shapely.difference(own[i], shapely.union_all(taken)))
        first, second = ends[pairs[i]]
        joins = (shapely.distance(parts, first) < _TOUCHING_M) & (
            shapely.distance(parts, second) < _TOUCHING_M
        )
        own[i] = shapely.union_all(parts[joins & (shapely.area(parts) > _NOISE_M2)])
        keeps[i] = own[i].area > _NOISE_M2
    return own, keeps


def _closings(cadastre: Cadastre, ground: Geometries, road_class: NDArray[np.object_]) -> Closings:
    """Measure the stretches, and what closing them would leave of street space."""
    parcels, tolerance = cadastre.parcels, cadastre.town.tolerance_m
    least = max(cadastre.town.min_border_m, 2.0 * tolerance)
    return Closings(
        ground,
        np.rint(shapely.area(ground) * _SQUARE_DECIMETRES).astype(np.int64),
        road_class,
        street_space(parcels, open_stretches(parcels, tolerance), ground, least),
        np.arange(len(ground)),
    )
