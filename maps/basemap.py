"""A background of tiles from the intranet: none unless an administrator names one."""

import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from landplan.errors import InputError

BasemapKind = Literal["none", "xyz", "wmts"]

_SHIFTED: Final = re.compile(
    r"gcj-?02|bd-?09|amap\.com|autonavi|gaode|tencent|gtimg|map\.qq\.com|google\.cn|baidu|bdimg",
    re.IGNORECASE,
)
"""Sources in China's shifted systems: parcels over them are wrong by 300 to 600 m."""
_WMTS: Final = {"{TileMatrix}": "{z}", "{TileRow}": "{y}", "{TileCol}": "{x}"}
_KNOWN: Final = frozenset({"{z}", "{x}", "{y}", "{-y}", "{s}", "{r}"})


@dataclass(frozen=True, slots=True)
class Basemap:
    """Tiles as the browser asks for them; made by `basemap`."""

    url: str
    attribution: str
    max_zoom: int

    @property
    def origin(self) -> str | None:
        """Return the origin for a policy's ``img-src``; None for tiles of the page's own host."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def basemap(
    kind: BasemapKind = "none",
    url: str = "",
    attribution: str = "",
    max_zoom: int = 19,
    offset: str = "none",
) -> Basemap | None:
    """Check a configured background.

    Parameters
    ----------
    kind
        ``xyz`` with {z}, {x}, {y}; ``wmts`` with {TileMatrix}, {TileRow}, {TileCol} of the web
        Mercator set.
    url
        Template, absolute or from the root of the host.
    attribution
        Plain text.
    max_zoom
        Deepest level that the tiles have; deeper ones are enlarged.
    offset
        ``none``. A shifted source is for display alone and never lies under parcels.

    Raises
    ------
    InputError
        ``map.basemap_shifted`` for GCJ-02 and BD-09 sources, ``map.basemap_url`` for a template
        that lacks a placeholder or has an unknown one.
    """
    if kind == "none":
        return None
    if offset != "none" or _SHIFTED.search(url):
        raise InputError("map.basemap_shifted", url=url)
    template = url
    if kind == "wmts":
        for name, short in _WMTS.items():
            template = re.sub(re.escape(name), short, template, flags=re.IGNORECASE)
    found = set(re.findall(r"\{[^}]*\}", template))
    sane = url.startswith("/") or urlsplit(url).scheme in ("http", "https")
    row = found & {"{y}", "{-y}"}
    if not sane or not {"{z}", "{x}"} <= found or not row or not found <= _KNOWN:
        raise InputError("map.basemap_url", url=url)
    return Basemap(template, attribution, max_zoom)
