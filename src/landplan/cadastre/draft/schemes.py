"""Whether the values of a column are codes of a known land-use scheme."""

import re
from dataclasses import dataclass
from typing import Final

from landplan.cadastre.draft.columns import Profile, words
from landplan.codes import landuse

_NAMED: Final = (
    (r"\bdlbm\b|地类编码", ("gb21010", "2017")),
    (r"\bydyh\w*\b|用地用海", ("mnr2023", "2023")),
)
_LEAST_KNOWN: Final = 0.8
_CLEAR: Final = 0.3


@dataclass(frozen=True, slots=True)
class SchemeGuess:
    """The scheme of a column; ``doubtful`` names schemes that fit about as well."""

    scheme: landuse.Scheme
    known: float
    doubtful: tuple[str, ...] = ()

    def mapping(self, column: str) -> object:
        """Return what the town file says of the column."""
        if self.scheme.name == landuse.LOCAL:
            return column
        return {"column": column, "scheme": self.scheme.name, "edition": self.scheme.edition}


def guess_scheme(profile: Profile, in_china: bool) -> SchemeGuess:
    """Name the scheme of a column; the town's own words where two schemes fit alike or none does.

    The same digits are codes of several Chinese schemes: only a scheme that knows far more of the
    rows than any other, or that the column's name states, is taken.
    """
    local = landuse.scheme(landuse.LOCAL)
    text = profile.text.dropna()
    known = {
        one: float(text.map({code: one.find(code) is not None for code in text.unique()}).mean())
        for one in landuse.schemes()
        if in_china and one.name != landuse.LOCAL and len(text)
    }
    for pattern, (name, edition) in _NAMED:
        stated = landuse.scheme(name, edition)
        if re.search(pattern, words(profile.name)) and known.get(stated, 0.0) > 0.3:
            return SchemeGuess(stated, known[stated])
    ranked = sorted(known, key=lambda one: known[one], reverse=True)
    if not ranked or known[ranked[0]] < _LEAST_KNOWN:
        return SchemeGuess(local, 0.0)
    rivals = [one for one in ranked[1:] if known[one] > known[ranked[0]] - _CLEAR]
    if rivals:
        names = tuple(f"{one.name} {one.edition}" for one in [ranked[0], *rivals])
        return SchemeGuess(local, known[ranked[0]], names)
    return SchemeGuess(ranked[0], known[ranked[0]])
