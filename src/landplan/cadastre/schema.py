"""Column names, units and dtypes of every table, written once.

The unit stands in the name. ``str`` columns are nullable text, ``float`` columns use NaN for "not
known", ``bool`` columns are never null.
"""

from typing import Final

PARCELS: Final[dict[str, str]] = {
    "parcel_id": "str",  # unique; duplicates of the source carry #2, #3 …
    "area_m2": "float",  # computed in the working CRS
    "area_registered_m2": "float",  # as the register says
    "owner_id": "str",  # the holder of the largest share
    "land_use": "str",
    "zone": "str",  # zone code with the largest share of the parcel
    "zone_share": "float",  # that share, 0..1
    "value": "float",  # what an owner must get back, town currency
    "cost": "float",  # what acquiring costs, town currency
    "street": "bool",  # street space: never eligible, bridges may cross it
    "fault": "str",  # data.<code> of the first parcel error, else null: excluded from every result
}
"""Columns every `Cadastre.parcels` has, besides ``geometry``. The index is 0..n-1."""

OPTIONAL: Final[dict[str, str]] = {
    "floor_area_m2": "float",
    "footprint_area_m2": "float",
    "year_built": "float",
    "grade": "str",
    "industry": "str",
    "right_end": "str",
    "planned_use": "str",
    "address": "str",
    "name": "str",
}
"""Further known columns of parcels; the town file names them without the unit (``floor_area``)."""

ZONES: Final[dict[str, str]] = {"zone": "str"}
RESTRICTIONS: Final[dict[str, str]] = {"kind": "str", "hard": "bool", "buffer_m": "float"}
ROADS: Final[dict[str, str]] = {"class": "str", "width_m": "float"}
BUILDINGS: Final[dict[str, str]] = {"floors": "float", "height_m": "float", "year_built": "float"}
FACILITIES: Final[dict[str, str]] = {"kind": "str", "capacity": "float"}
OWNERS: Final[dict[str, str]] = {
    "owner_id": "str",
    "kind": "str",
    "consent": "str",  # agreed | refused | unknown
    "refusal_probability": "float",
    "homestead_x": "float",
    "homestead_y": "float",
}
RIGHTS: Final[dict[str, str]] = {
    "parcel_id": "str",
    "owner_id": "str",
    "share": "float",  # 0..1; the shares of a parcel sum to 1
    "type": "str",
    "ownership": "str",  # state | collective | private
    "end": "str",
    "encumbrance": "str",
}
