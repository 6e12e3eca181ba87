"""What a partition promises beyond its sites: locks, their number, a reason for land left out."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from landplan.proposal.audit.report import Check, none_of
from landplan.proposal.audit.view import View

PARTITION = "partition"


def check_partition(view: View) -> Iterator[Check]:
    """Check a plan of `partition`; any other has nothing to check here."""
    if view.document.process != PARTITION:
        return
    site = dict(zip(view.ids, view.parcels["site_id"].to_numpy(), strict=True))
    locks = view.document.request.get("lock")
    groups = _groups(locks if isinstance(locks, list) else [])
    torn = [ids for kind, ids in groups if kind == "together" and len(_sites(ids, site)) > 1]
    yield none_of("partition.together", ["+".join(ids) for ids in torn])
    yield none_of(
        "partition.apart",
        [
            f"{one}+{other}"
            for kind, ids in groups
            if kind == "apart"
            for one, other in combinations(ids, 2)
            if site.get(one) is not None and site.get(one) == site.get(other)
        ],
    )
    yield none_of("partition.unused", _without_reason(view))


def _groups(locks: list[Any]) -> list[tuple[str, list[str]]]:
    """Return kind and sorted parcels of every lock; what is no lock is left out."""
    return [
        (str(lock.get("kind")), sorted({str(parcel) for parcel in lock.get("parcels", [])}))
        for lock in locks
        if isinstance(lock, dict)
    ]


def _sites(ids: list[str], site: Mapping[Any, Any]) -> set[Any]:
    return {site.get(parcel) for parcel in ids}


def _without_reason(view: View) -> list[str]:
    """Parcels in no site that no row of the exclusions names."""
    told = view.parcels["parcel_id"].isin(view.written.exclusions["parcel_id"]).to_numpy()
    return [str(name) for name in view.ids[np.flatnonzero(~view.in_site & ~told)]]
