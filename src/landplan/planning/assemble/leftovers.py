"""What a site leaves to the land around it: a way to the street, and pieces worth having.

Land beside a site, joined by common borders without crossing the site, is a *rest*. A rest has a
way to the street if one of its parcels has open boundary of the least border length. What is no
street and no site counts as rest, land of other sites too: every site is judged by itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landplan.optimize.assembly.model import neighbour_lists, pieces

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Enough = Callable[[int, int], bool]
"""Given a parcel of a rest and the area found so far: whether the rest needs no further look."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """The land of a town, who borders whom, and who touches a street.

    ``land``, ``contact`` and ``area`` (dm²) are [n]; ``start`` and ``to`` list the neighbours of
    every parcel; ``served`` [n] says whether its block had a way to the street before any site.
    """

    land: BoolArray
    contact: BoolArray
    area: IntArray
    start: IntArray
    to: IntArray
    served: BoolArray

    @classmethod
    def of(
        cls, land: BoolArray, contact: BoolArray, area: IntArray, borders: IntArray
    ) -> "Leftovers":
        """Prepare a town; borders are pairs [e, 2] of parcels."""
        own = borders[land[borders].all(axis=1)]
        block = pieces(len(land), own)
        served = np.bincount(block, weights=contact & land, minlength=int(block.max()) + 1) > 0
        start, to = neighbour_lists(len(land), own)
        return cls(land, contact & land, area, start, to, served[block])

    def landlocked(self, site: IntArray) -> list[IntArray]:
        """Return the rests beside a site that had a way to the street and have none with it."""
        rests = self._rests(site, lambda parcel, _: bool(self.contact[parcel]))
        return [rest for rest in rests if self.served[rest[0]]]

    def orphans(self, site: IntArray, least: int) -> list[IntArray]:
        """Return the rests beside a site that are smaller than ``least`` dm²."""
        return list(self._rests(site, lambda _, area: area >= least))

    def _rests(self, site: IntArray, enough: Enough) -> Iterator[IntArray]:
        """Yield the rests beside a site of which nothing found so far is enough."""
        inside = set(map(int, site))
        rest_of: dict[int, int] = {}
        beside = sorted({v for u in inside for v in self._neighbours(u)} - inside)
        for number, first in enumerate(beside):
            if first not in rest_of and (
                rest := self._rest(number, first, inside, rest_of, enough)
            ):
                yield np.array(sorted(rest), dtype=np.int64)

    def _rest(
        self, number: int, first: int, inside: set[int], rest_of: dict[int, int], enough: Enough
    ) -> list[int]:
        """Return a rest from one of its parcels on; nothing as soon as it is enough.

        A parcel with another number belongs to a rest that was left because it is enough: one that
        was looked at to its end has no neighbour left.
        """
        rest, queue, area = [], [first], 0
        rest_of[first] = number
        while queue:
            parcel = queue.pop()
            rest.append(parcel)
            area += int(self.area[parcel])
            if enough(parcel, area):
                return []
            for neighbour in self._neighbours(parcel):
                if neighbour in inside or rest_of.get(neighbour) == number:
                    continue
                if neighbour in rest_of:
                    return []
                rest_of[neighbour] = number
                queue.append(neighbour)
        return rest

    def _neighbours(self, parcel: int) -> list[int]:
        return [int(v) for v in self.to[self.start[parcel] : self.start[parcel + 1]]]
