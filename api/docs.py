"""The documentation of the API, readable without any other host; the palette as CSS."""

from fastapi import APIRouter, Request, Response

from api.ogc.links import address
from api.pages import render
from api.people import Viewer
from maps.symbols import interface

router = APIRouter(include_in_schema=False)


@router.get("/docs", dependencies=[Viewer])
def docs(request: Request) -> Response:
    """Show the description of the API, with a form to try each address."""
    return render(request, "docs.html", source=address(request, "api", f="json"))


@router.get("/static-palette.css")
def palette() -> Response:
    """Return the colours of the interface as CSS variables, made from the one palette file."""
    lines = [f"  --{name}: {value};" for name, value in interface().items()]
    body = ":root {\n" + "\n".join(lines) + "\n}\n"
    return Response(body, media_type="text/css", headers={"cache-control": "no-cache"})
