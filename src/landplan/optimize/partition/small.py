"""Small pieces of land that the search left below their bound: searched to the end."""

import numpy as np

from landplan.optimize.partition.atoms import Atoms
from landplan.optimize.partition.exact import MOST_ATOMS, pack, smallest_sites
from landplan.optimize.partition.params import Params
from landplan.optimize.partition.problem import IntArray
from landplan.optimize.partition.settle import end_site
from landplan.optimize.partition.state import NONE, Sites, attach


def search_small(
    atoms: Atoms, sites: Sites, bounds: IntArray, limits: tuple[int, int], params: Params
) -> int:
    """Close the gap of small components: better plans go into ``sites``, proofs into ``bounds``.

    ``limits`` are least and largest area of a site. Returns the number of nodes visited. A
    component whose search hits a limit stays as it was.
    """
    low, high = limits
    members = _members(atoms)
    found = _sites_by_component(atoms, sites)
    nodes = 0
    for component in np.flatnonzero(found < bounds):
        own = members[component]
        if len(own) > min(params.small, MOST_ATOMS):
            continue
        masks = smallest_sites(atoms.fabric, own, low, high, params.sets)
        if masks is None:
            continue
        best: tuple[int, ...] | None = None
        wanted = int(found[component]) + 1
        while wanted <= bounds[component]:
            packing = pack(masks, atoms.fabric.area[own], low, wanted, params.nodes)
            nodes += packing.nodes
            if not packing.finished:
                break
            if not packing.sites:
                bounds[component] = wanted - 1
                break
            best = packing.sites
            wanted += 1
        if best is not None:
            _replace(atoms, sites, own, best)
    return nodes


def _members(atoms: Atoms) -> list[IntArray]:
    order = np.argsort(atoms.component, kind="stable")
    cuts = np.cumsum(np.bincount(atoms.component, minlength=atoms.components))[:-1]
    return np.split(order, cuts)


def _sites_by_component(atoms: Atoms, sites: Sites) -> IntArray:
    """Count the sites of every component."""
    heads = sites.head[: sites.total[0]]
    return np.bincount(atoms.component[heads], minlength=atoms.components).astype(np.int64)


def _replace(atoms: Atoms, sites: Sites, own: IntArray, masks: tuple[int, ...]) -> None:
    """Put other sites in the place of those of a component."""
    for site in sorted({int(site) for site in sites.label[own] if site != NONE}, reverse=True):
        end_site(atoms.fabric, sites, site)
    for mask in masks:
        for position, atom in enumerate(own):
            if mask >> position & 1:
                attach(atoms.fabric, sites, int(atom), int(sites.total[0]))
        sites.total[0] += 1
