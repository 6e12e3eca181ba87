"""A town of 16 squares, four owners A B C D with a parcel in each quarter, homes in the corners."""

from pathlib import Path

import pandas as pd

from landplan.planning.answer import answer
from landplan.proposal.proposal import Proposal
from tests.towns import EAST, NORTH, squares, write_town

PICTURE = """
abcd
efgh
ijkl
mnop
"""
HELD = dict(zip("abcdefghijklmnop", "ABABCDCDABABCDCD", strict=True))
"""Every quarter of four squares is held by all four; A and B live in the north, A in the west."""
HOMES = {"A": (50, 350), "B": (350, 350), "C": (50, 50), "D": (350, 50)}
KEYS = """
owner = "owner"
value = { column = "value", unit = "total" }
[owners]
file = "owners.csv"
id = "id"
homestead_x = "x"
homestead_y = "y"
"""
REQUEST = """
process = "exchange"
[fixed]
buildings = "free"
homesteads = false
"""


def town_file(folder: Path) -> Path:
    """Write the town; all parcels are worth 1000."""
    parcels = squares(PICTURE)
    parcels["owner"] = [HELD[name] for name in parcels["id"]]
    parcels["value"] = 1000.0
    corner = parcels.total_bounds
    owners = pd.DataFrame(
        {
            "id": list(HOMES),
            "x": [corner[0] + x for x, _ in HOMES.values()],
            "y": [corner[1] + y for _, y in HOMES.values()],
        }
    )
    assert corner[0] >= EAST - 1e4
    assert corner[1] >= NORTH - 1e4
    return write_town(folder, parcels, KEYS, tables={"owners": owners})


def ask(folder: Path, more: str = "", top: str = "") -> Proposal:
    """Write the town, ask for an exchange and write the plan to ``out``.

    ``more`` follows the last table of the request, ``top`` the keys before its tables.
    """
    request = REQUEST.replace("[fixed]", top + "[fixed]")
    (folder / "request.toml").write_text(request + more)
    return answer(town_file(folder), folder / "request.toml", folder / "out")
