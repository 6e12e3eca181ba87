"""Street space as a graph: what closing some stretches of street leaves without a way out.

Street space is the ground within the town's frame that no parcel but streets covers, less a metre
along all land: a way narrower than `WAY_M` is none. Stretches that may be closed cut it into parts;
parts and stretches are the nodes, and nodes that touch are neighbours. Of every connected piece of
street space the largest part that is left (with the frame's surroundings, where it reaches them) is
the way out; a parcel keeps its way to the street as long as its boundary looks onto that along the
least length.
"""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.cadastre.adjacency import with_geometry
from landplan.cadastre.bridges import streets
from landplan.cadastre.segments import FloatArray, IntArray
from landplan.optimize.assembly.model import pieces
from landplan.planning.assemble.fronting import OpenStretches

Geometries = NDArray[np.object_]

WAY_M: Final = 2.0
_FRAME_M: Final = 20.0
_TOUCHING_M: Final = 0.01
_NOISE_M2: Final = 1.0


@dataclass(frozen=True, slots=True)
class StreetSpace:
    """Parts of street space, then closable stretches [k], as nodes [v].

    Attributes
    ----------
    first
        Number of the node of the first stretch.
    size
        [v] m².
    links
        [e, 2] nodes that touch.
    whole
        [v] the piece of street space each node is in while nothing is closed.
    node, of, metres
        [s] stretches of boundaries that look onto a node: which, whose, how long.
    contact
        [n] metres of all of a parcel's boundary that look onto street space.
    least_m
        Less is no way to the street.
    """

    first: int
    size: FloatArray
    links: IntArray
    whole: IntArray
    node: IntArray
    of: IntArray
    metres: FloatArray
    contact: FloatArray
    least_m: float

    def cut_off(self, closed: IntArray, parcels: IntArray) -> IntArray:
        """Return the parcels, none of ``parcels``, that closing some stretches leaves no way out.

        Parameters
        ----------
        closed, parcels
            Numbers of the stretches; parcels of the site, sorted or not.
        """
        left = np.ones(len(self.size), np.bool_)
        left[self.first + closed] = False
        label = pieces(len(self.size), self.links[left[self.links].all(axis=1)])
        size = np.bincount(label[left], weights=self.size[left], minlength=int(label.max()) + 1)
        # of each piece of street space the largest part that is left, ties to the first
        order = np.lexsort((label, -size[label], self.whole))
        order = order[left[order]]
        _, place = np.unique(self.whole[order], return_index=True)
        open_ = left & np.isin(label, label[order[place]])
        seen = open_[self.node]
        kept = np.bincount(self.of[seen], weights=self.metres[seen], minlength=len(self.contact))
        gone = (self.contact >= self.least_m) & (kept < self.least_m)
        gone[parcels] = False
        return np.flatnonzero(gone).astype(np.int64)


def street_space(
    parcels: gpd.GeoDataFrame, open_: OpenStretches, ground: Geometries, least_m: float
) -> StreetSpace:
    """Cut the street space of a town by the stretches [k] that may be closed."""
    land = with_geometry(parcels) & ~streets(parcels)
    shapes = parcels.geometry.to_numpy()
    solid = shapely.buffer(shapely.union_all(shapely.make_valid(shapes[land])), WAY_M / 2.0)
    frame = shapely.box(*shapely.total_bounds(shapes[land])).buffer(_FRAME_M)
    space = shapely.difference(frame, solid)
    inside = shapely.intersection(ground, space)
    rest = shapely.get_parts(shapely.difference(space, shapely.union_all(ground)))
    rest = rest[shapely.area(rest) > _NOISE_M2]
    nodes = np.concatenate([rest, inside])
    near = shapely.STRtree(nodes).query(nodes, predicate="dwithin", distance=_TOUCHING_M)
    links = near.T[near[0] < near[1]].astype(np.int64)
    size = shapely.area(nodes)
    # what reaches the frame goes on outside of it: larger than all else
    size[: len(rest)] += frame.area * shapely.intersects(rest, shapely.boundary(frame))
    node, stretch = _looking_onto(open_, nodes)
    of, metres = open_.owner[stretch], open_.length[stretch]
    contact = np.bincount(of, weights=metres, minlength=len(parcels)).astype(np.float64)
    whole = pieces(len(nodes), links)
    return StreetSpace(len(rest), size, links, whole, node, of, metres, contact, least_m)


def _looking_onto(open_: OpenStretches, nodes: Geometries) -> tuple[IntArray, IntArray]:
    """Return pairs of a node and a stretch of boundary that looks onto it; each stretch once."""
    probe = shapely.points(open_.middle + open_.outward * (WAY_M / 2.0 + 2.0 * _TOUCHING_M))
    stretch, node = shapely.STRtree(nodes).query(probe, predicate="dwithin", distance=_TOUCHING_M)
    _, first = np.unique(stretch, return_index=True)
    return node[first].astype(np.int64), stretch[first].astype(np.int64)
