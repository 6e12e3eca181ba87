"""The one page builder: a folium map with landplan's own script, whole or in parts.

Folium makes the map element and starts Leaflet. Everything else is data: the texts of a town never
pass through folium's templates, which do not escape them.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import folium
from folium.template import Template
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2 import Template as JinjaTemplate
from markupsafe import Markup

from landplan.messages import say
from maps.config import as_json, config
from maps.symbols import interface
from maps.view import MapView

STATIC: Final = Path(str(files("maps"))) / "static"
"""All files a map needs; the service mounts this folder, an export copies it."""
SCRIPTS: Final = (
    "leaflet-1.9.4/leaflet.js",
    "landplan-map-words.js",
    "landplan-map-symbols.js",
    "landplan-map-layers.js",
    "landplan-map-box.js",
    "landplan-map-list.js",
    "landplan-map-holding.js",
    "landplan-map-twin.js",
    "landplan-map-embed.js",
    "landplan-map.js",
)
STYLES: Final = ("leaflet-1.9.4/leaflet.css", "landplan-map.css")
DATA_SCRIPT: Final = "data.js"
_NAME: Final = "landplan"


class PlanMap(folium.Map):
    """A folium map without tiles, with vendored assets, nonces and a name of its own."""

    _template = Template(
        """
        {%- macro header(this, kwargs) %}{% endmacro %}
        {%- macro html(this, kwargs) %}
        <div id="{{ this.get_name() }}" class="lp-canvas"></div>
        {%- endmacro %}
        {%- macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
            center: {{ this.location|tojson }},
            crs: L.CRS.{{ this.crs }},
            ...{{ this.options|tojavascript }}
        });
        landplan.startMap({{ this.get_name() }});
        {%- endmacro %}
        """
    )

    def __init__(self, assets: str, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        self._id = _NAME
        self.default_js = [(name, f"{assets}/{name}") for name in SCRIPTS]
        self.default_css = [(name, f"{assets}/{name}") for name in STYLES]


@dataclass(frozen=True, slots=True)
class MapParts:
    """What a page of somebody else puts in three places; all of it is safe HTML.

    ``head`` belongs into the head, ``body`` where the map shall stand (its height is that of its
    parent), ``script`` after it.
    """

    head: Markup
    body: Markup
    script: Markup


def map_parts(view: MapView, *, assets: str, nonce: str | None = None) -> MapParts:
    """Return a map for a page that has its own frame.

    Parameters
    ----------
    view
        What to show.
    assets
        Address of the folder `STATIC`, without a slash at its end.
    nonce
        Of the page's content security policy, for the one inline script.
    """
    chart = PlanMap(
        assets,
        location=_centre(view),
        zoom_start=14,
        zoom_control=False,
        attribution_control=view.basemap is not None,
        box_zoom=False,
        fade_animation=False,
        # at once: no half-way picture of thousands of parcels, and keys never meet a moving map
        zoom_animation=False,
        zoom_snap=0.25,
        wheel_px_per_zoom_level=90,
        prefer_canvas=False,
        min_zoom=8,
        max_zoom=21,
    )
    figure = folium.Figure()
    chart.add_to(figure)
    chart.render()  # type: ignore[no-untyped-call]  # folium has no types
    head = "\n".join(
        element.render() for name, element in figure.header._children.items() if name != "meta_http"
    )
    body = _template("body.html").render(
        view=view,
        canvas=Markup(figure.html.render()),
        config=Markup(as_json(config(view))),
        t=lambda code, **params: say(code, params, view.language),
    )
    attribute = f' nonce="{Markup.escape(nonce)}"' if nonce else ""
    script = f"<script{attribute}>{figure.script.render()}\n</script>"
    return MapParts(Markup(head), Markup(body), Markup(script))


def map_page(
    view: MapView,
    *,
    assets: str,
    nonce: str | None = None,
    data: Literal["script", "url"] = "url",
    embedded: bool = False,
) -> str:
    """Return a whole page: for an iframe, an export, a link.

    Parameters
    ----------
    view, assets, nonce
        As for `map_parts`.
    data
        ``url``: the page fetches its layers from ``view.url``; ``script``: a file ``data.js``
        beside the assets brings them, so that the page opens from the file system.
    embedded
        Without the heading: the page around the iframe has one.
    """
    if data == "url" and view.url is None:
        raise ValueError("a page with data by URL needs view.url")
    return _template("page.html").render(
        view=view,
        parts=map_parts(view, assets=assets, nonce=nonce),
        colours=interface(),
        nonce=nonce,
        embedded=embedded,
        data_script=f"{assets}/{DATA_SCRIPT}" if data == "script" else None,
        t=lambda code, **params: say(code, params, view.language),
    )


def data_script(view: MapView) -> str:
    """Return the script that carries all layers of a page that opens from the file system."""
    from maps.config import escape_json

    layers = (f'"{name}":{view.layer(name).geojson().decode()}' for name in view.names)
    return f"window.landplanData={{{escape_json(','.join(layers))}}};\n"


def _centre(view: MapView) -> tuple[float, float]:
    west, south, east, north = view.focus or view.bounds or (0.0, 0.0, 0.0, 0.0)
    return (south + north) / 2, (west + east) / 2


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(str(files("maps"))) / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(name: str) -> JinjaTemplate:
    return _environment().get_template(name)
