"""A request that is still being written, as one of `assemble` that may use the same land."""

from collections.abc import Mapping
from typing import Any, Final

_OF_ALL: Final = ("acquirer_owners", "zero_cost")
_OF_A_SITE: Final = ("id", "land_uses", "zones", "min_zone_share", "never", "never_owners")


def land_asked(partial: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a request of `assemble` that counts the land of a partition.

    Parameters
    ----------
    partial
        What `landplan.planning.form.parse_form` understood of a partition.

    Notes
    -----
    Where sites may lie across streets, a site may use any number of crossings, and `assemble`
    counts at most 20: then no area is handed on, so that nothing is called too small that is not.
    """
    demand = (partial.get("demand") or [{}])[0]
    site = {key: demand[key] for key in _OF_A_SITE if key in demand}
    bridge = dict(partial.get("bridge") or {})
    across = bridge.pop("across_streets", False)
    for key in ("area_ha", "area_mu"):
        if demand.get(key) and not across:
            site[key] = demand[key]
    shared = {key: partial[key] for key in _OF_ALL if key in partial}
    return {
        "process": "assemble",
        **shared,
        "bridge": bridge,
        "shape": {"max_radius_factor": 0.0},
        "demand": [{**site, "max_bridges": int(across)}],
    }
