"""Who holds the land of the invented town.

Many small holders, a few large ones, all of them scattered.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from landplan.cadastre.demo.ground import FloatArray
from landplan.cadastre.demo.uses import COLLECTIVE_USES, HOMESTEAD, RESERVE, Words

RESERVE_OWNER = "R-0001"
PLANT_OWNER = "Q-0001"
_REACH_M = 900.0
_NEIGHBOURS = 40
_PLACES = "安昌嘉汇申沪瑞宏泰恒博新华联信达凯东"
_TRADES = ("汽车零部件", "精密机械", "电子科技", "新能源", "模具", "物流", "电驱", "智能装备")


def holdings(
    use: Words, group: Words, middle: FloatArray, rng: np.random.Generator
) -> NDArray[np.object_]:
    """Return the owner id [n] of every parcel.

    Firms hold industry, storage, research and commerce, and choose parcels near their seat most of
    the time; housing estates have their own bodies; farms belong to village collectives.
    """
    owner = np.full(len(use), RESERVE_OWNER, dtype=object)
    firms = np.flatnonzero(np.isin(group, ["industry", "storage", "research", "commerce"]))
    owner[firms] = _scattered(middle[firms], "Q", max(4, len(firms) // 2), rng, first=2)
    village = np.isin(use, COLLECTIVE_USES)
    homes = np.flatnonzero((group == "housing") & ~village)
    owner[homes] = _scattered(middle[homes], "Z", max(3, int(len(homes) / 1.6)), rng, first=1)
    farms = np.flatnonzero(village)
    owner[farms] = _scattered(middle[farms], "C", max(2, len(farms) // 45), rng, first=1)
    owner[firms[rng.random(len(firms)) < 0.05]] = RESERVE_OWNER  # land taken into reserve
    owner[use == "plant"] = PLANT_OWNER
    return owner


def _scattered(
    middle: FloatArray, letter: str, count: int, rng: np.random.Generator, first: int
) -> NDArray[np.object_]:
    """Give parcels to holders of skewed size, mostly near their seats."""
    if len(middle) == 0:
        return np.empty(0, dtype=object)
    size = rng.lognormal(0.0, 1.0, count)
    seats = middle[rng.integers(0, len(middle), count)] + rng.normal(0.0, 120.0, (count, 2))
    near = min(_NEIGHBOURS, count)
    found = cKDTree(seats).query(middle, k=[*range(1, near + 1)])
    distance, holder = np.asarray(found[0]), np.asarray(found[1])
    weight = size[holder] * (0.75 * np.exp(-distance / _REACH_M) + 0.05)
    weight /= weight.sum(axis=1, keepdims=True)
    place = (weight.cumsum(axis=1) < rng.random(len(middle))[:, None]).sum(axis=1).clip(0, near - 1)
    chosen = holder[np.arange(len(middle)), place]
    return np.array([f"{letter}-{number + first:04d}" for number in chosen], dtype=object)


def owners_table(
    owner: NDArray[np.object_], middle: FloatArray, rng: np.random.Generator
) -> pd.DataFrame:
    """Return one row per owner, with an invented name, the seat, and how it stands to selling."""
    ids = np.array(sorted(set(owner)), dtype=object)
    row = {owner_id: number for number, owner_id in enumerate(ids)}
    first_parcel = np.full(len(ids), -1)
    for parcel in range(len(owner) - 1, -1, -1):
        first_parcel[row[owner[parcel]]] = parcel
    kind = np.array([RESERVE[owner_id[0]] for owner_id in ids], dtype=object)
    refusal = np.clip(rng.beta(1.6, 7.0, len(ids)), 0.01, 0.9).round(3)
    refusal[ids == RESERVE_OWNER] = 0.0
    consent = np.where(refusal > 0.55, "refused", np.where(refusal < 0.06, "agreed", "unknown"))
    seats = middle[first_parcel].round(1)
    return pd.DataFrame(
        {
            "QLRBH": ids,
            "MC": [_name(owner_id, rng) for owner_id in ids],
            "LX": kind,
            "YX": consent,
            "JJGL": refusal,
            "X": seats[:, 0],
            "Y": seats[:, 1],
        }
    )


def _name(owner_id: str, rng: np.random.Generator) -> str:
    """Invent a name; any likeness to a real body is chance."""
    first, second = rng.choice(list(_PLACES), 2, replace=False)
    number = int(owner_id[2:])
    if owner_id == RESERVE_OWNER:
        return "土地储备中心"
    if owner_id == PLANT_OWNER:
        return "整车制造有限公司"
    if owner_id[0] == "Q":
        return f"{first}{second}{_TRADES[number % len(_TRADES)]}有限公司"
    if owner_id[0] == "C":
        return f"{first}{second}村经济合作社"
    return f"{first}{second}小区业主{number}组"


def rights_table(
    parcel: NDArray[np.object_],
    owner: NDArray[np.object_],
    use: Words,
    group: Words,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the rights: one per parcel, two with shares where land is co-owned."""
    n = len(parcel)
    collective = np.isin(use, COLLECTIVE_USES)
    built = np.isin(group, ["industry", "storage", "research", "commerce", "housing"]) & ~collective
    shared = np.flatnonzero((rng.random(n) < 0.04) & built)
    share = np.ones(n)
    share[shared] = rng.choice([0.5, 0.6, 0.75], len(shared))
    kind = np.where(built, rng.choice(["出让", "划拨", "租赁"], n, p=[0.68, 0.22, 0.10]), "划拨")
    kind = np.where(collective, np.where(use == HOMESTEAD, "宅基地", "承包"), kind)
    years = rng.integers(2027, 2066, n)
    limited = np.isin(kind, ["出让", "租赁", "承包"])
    end = np.where(limited, [f"{year}-12-31" for year in years], "")
    burden = np.where(built, rng.choice(["", "抵押", "查封"], n, p=[0.86, 0.12, 0.02]), "")
    frame = pd.DataFrame(
        {
            "ZDDM": parcel,
            "QLRBH": owner,
            "FE": share,
            "QLLX": kind,
            "SYQ": np.where(collective, "collective", "state"),
            "ZZRQ": end,
            "XZ": burden,
        }
    )
    other = frame.iloc[shared].copy()
    other["FE"] = 1.0 - other["FE"]
    firms = np.array(sorted({name for name in owner if name[0] in "QZ"}), dtype=object)
    other["QLRBH"] = firms[rng.integers(0, len(firms), len(other))]
    same = other["QLRBH"].to_numpy() == owner[shared]
    other.loc[same, "QLRBH"] = RESERVE_OWNER
    both = pd.concat([frame, other], ignore_index=True)
    return both.sort_values(
        ["ZDDM", "FE"], ascending=[True, False], kind="stable", ignore_index=True
    )
