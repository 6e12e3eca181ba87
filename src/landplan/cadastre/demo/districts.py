"""What each part of the invented town is for: plant, industry, research, centre, housing, farms."""

import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.cadastre.demo.ground import FloatArray, Geometries

Words = NDArray[np.str_]

SHARES = {"industry": 0.42, "research": 0.05, "centre": 0.05, "housing": 0.24}
"""Share of the town's land per district.

The plant comes first and farms take the rest [estimate].
"""

_PLANT_M2 = (300_000.0, 1_100_000.0)


def name_districts(
    faces: Geometries, kind: Words, radius_m: float, rng: np.random.Generator
) -> Words:
    """Return the district of every face between the arterials.

    The plant lies east of the centre, its park around it, housing around the centre, research
    where park and housing meet, farms outside.
    """
    middle = shapely.get_coordinates(shapely.centroid(faces))
    area = shapely.area(faces)
    heading = rng.uniform(-0.5, 0.5)
    park = 0.42 * radius_m * np.array([np.cos(heading), np.sin(heading)])
    centre = -0.34 * radius_m * np.array([np.cos(heading), np.sin(heading)])
    to_park = np.linalg.norm(middle - park, axis=1)
    to_centre = np.linalg.norm(middle - centre, axis=1)
    district = np.full(len(faces), "farm", dtype="<U8")
    free = kind == "land"
    total = float(area[free].sum())
    plant = _first(np.where((area >= _PLANT_M2[0]) & (area <= _PLANT_M2[1]), to_park, np.inf), free)
    district[plant] = "plant"
    free[plant] = False
    _fill(district, "industry", to_park, area, free, SHARES["industry"] * total)
    _fill(district, "centre", to_centre, area, free, SHARES["centre"] * total)
    between = np.linalg.norm(middle - 0.4 * park - 0.6 * centre, axis=1)
    _fill(district, "research", between, area, free, SHARES["research"] * total)
    _fill(district, "housing", to_centre, area, free, SHARES["housing"] * total)
    return district


def _first(distance: FloatArray, free: NDArray[np.bool_]) -> int:
    return int(np.argmin(np.where(free, distance, np.inf)))


def _fill(
    district: Words,
    name: str,
    distance: FloatArray,
    area: FloatArray,
    free: NDArray[np.bool_],
    wanted_m2: float,
) -> None:
    """Give a district the nearest free faces until it has the area wanted."""
    order = np.argsort(np.where(free, distance, np.inf), kind="stable")[: int(free.sum())]
    taken = order[np.cumsum(area[order]) - area[order] / 2.0 <= wanted_m2]
    district[taken] = name
    free[taken] = False
