"""Speed of borders and bridges: `python -m benchmarks.adjacency`.

The invented fabric has blocks of ten lots by two along empty streets, every border digitised with
a point each 5 m; ``--layer FILE --crs CODE`` takes real parcels instead. The peer finds the same
borders by intersecting boundaries with shapely.
"""

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import geopandas as gpd
import numpy as np
import shapely

from landplan.cadastre.adjacency import Adjacency, build_adjacency
from landplan.cadastre.bridges import find_bridges, warm_up

LOTS_ALONG, LOTS_DEEP = 10, 2
LOT_M, STREET_M, POINT_EVERY_M = 30.0, 14.0, 5.0
TOLERANCE_M, MIN_BORDER_M = 0.1, 1.0
Answer = TypeVar("Answer")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line per town."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 50_000])
    parser.add_argument("--layer", help="a file of parcels instead of the invented fabric")
    parser.add_argument("--crs", default="EPSG:4549", help="metric CRS to bring the layer to")
    chosen = parser.parse_args(arguments)
    warm_up()
    print("parcels segments  borders  s  shapely s  bridges  s  peak MB")
    if chosen.layer:
        layer = gpd.read_file(chosen.layer)
        if layer.crs is None:
            layer = layer.set_crs("EPSG:4326")
        report(layer[layer.is_valid].to_crs(chosen.crs).reset_index(drop=True))
        return
    for size in chosen.sizes:
        report(fabric(size))


def fabric(lots: int) -> gpd.GeoDataFrame:
    """Return about as many lots, in blocks on a square ground."""
    blocks = -(-lots // (LOTS_ALONG * LOTS_DEEP))
    columns = max(1, round(float(np.sqrt(blocks * LOTS_DEEP / LOTS_ALONG))))
    east, north, block = np.meshgrid(np.arange(LOTS_ALONG), np.arange(LOTS_DEEP), np.arange(blocks))
    width, depth = LOTS_ALONG * LOT_M + STREET_M, LOTS_DEEP * LOT_M + STREET_M
    x = (east * LOT_M + block % columns * width).ravel()[:lots]
    y = (north * LOT_M + block // columns * depth).ravel()[:lots]
    shapes = shapely.segmentize(shapely.box(x, y, x + LOT_M, y + LOT_M), POINT_EVERY_M)
    return gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4549")


def report(parcels: gpd.GeoDataFrame) -> None:
    """Measure one town."""
    none = gpd.GeoSeries([], crs=parcels.crs)
    adjacency, seconds = timed(lambda: build_adjacency(parcels, TOLERANCE_M, MIN_BORDER_M))
    peer, peer_seconds = timed(lambda: borders_by_shapely(parcels))
    bridges, bridge_seconds = timed(
        lambda: find_bridges(parcels, adjacency, max_width_m=20.0, min_facing_m=10.0, barriers=none)
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    segments = int(shapely.get_num_coordinates(parcels.geometry.to_numpy()).sum())
    print(
        f"{len(parcels):7} {segments:8} {len(adjacency.pairs):8} {seconds:5.2f} {peer_seconds:7.2f}"
        f" {len(bridges.pairs):8} {bridge_seconds:5.2f} {peak:8.0f}"
    )
    print(f"        {agreement(adjacency, peer)}")


def timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    """Return an answer and the seconds it took."""
    begin = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - begin


def borders_by_shapely(parcels: gpd.GeoDataFrame) -> dict[tuple[int, int], float]:
    """Return the metres of boundary that pairs have in common exactly, without any tolerance."""
    shapes = parcels.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    upward = one < other
    one, other = one[upward], other[upward]
    boundary = shapely.boundary(shapes)
    metres = shapely.length(shapely.intersection(boundary[one], boundary[other]))
    return {
        (int(i), int(j)): float(m)
        for i, j, m in zip(one, other, metres, strict=True)
        if m >= MIN_BORDER_M
    }


def agreement(adjacency: Adjacency, peer: dict[tuple[int, int], float]) -> str:
    """Say how many borders both found; the peer misses those with gaps and overlaps."""
    ours = {(int(i), int(j)) for i, j in adjacency.pairs}
    both = len(ours & peer.keys())
    mine, theirs = len(ours) - both, len(peer) - both
    return f"borders of both {both}, of landplan alone {mine}, of shapely alone {theirs}"


if __name__ == "__main__":
    main()
