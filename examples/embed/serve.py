"""A page of the intranet, on an address of its own, that shows a plan of landplan.

Start landplan so that it allows this page to frame it and to exchange selections with it:

    LANDPLAN_FRAME_ANCESTORS='["http://127.0.0.1:8100"]' python -m api

then serve the page, and open the address that is printed:

    python examples/embed/serve.py --landplan http://127.0.0.1:8000 --port 8100
"""

import argparse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PAGE = Path(__file__).with_name("index.html")


def page(landplan: str, plan: str, sites: str) -> bytes:
    """Return the page with the address of landplan's map filled in."""
    parts = urlsplit(landplan)
    values = {
        "@@MAP@@": f"{landplan.rstrip('/')}/embed/{plan}",
        "@@ORIGIN@@": f"{parts.scheme}://{parts.netloc}",
        "@@SITES@@": sites,
    }
    html = PAGE.read_text(encoding="utf-8")
    for mark, value in values.items():
        html = html.replace(mark, value)
    return html.encode()


def make_server(landplan: str, plan: str, sites: str, port: int) -> ThreadingHTTPServer:
    """Return a server of this one page; port 0 takes a free one."""
    body = page(landplan, plan, sites)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server calls
            found = urlsplit(self.path).path == "/"
            self.send_response(200 if found else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body if found else b"")

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--landplan", default="http://127.0.0.1:8000", help="landplan's address")
    parser.add_argument("--plan", default="latest", help="id of a plan, or latest")
    parser.add_argument("--sites", default="", help="ids of sites to offer, by comma")
    parser.add_argument("--port", type=int, default=8100)
    given = parser.parse_args()
    server = make_server(given.landplan, given.plan, given.sites, given.port)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
