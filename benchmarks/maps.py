"""How long a map takes from the request to the first picture, in headless Chromium.

    python benchmarks/maps.py DIR [DIR …] [--runs 5]

Each DIR is a folder of a proposal. The page comes from a local server, as in the service: assets,
one GeoJSON per layer. Printed are medians: bytes before data, time to the first picture of the
parcels, time until all is drawn, and what a change of theme costs.
"""

import argparse
import statistics
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from landplan.proposal.files import read_proposal  # noqa: E402
from maps.page import SCRIPTS, STATIC, STYLES, map_page  # noqa: E402
from maps.view import MapView, proposal_view  # noqa: E402
from tests.browsing import CHROMIUM, OFFLINE  # noqa: E402

KINDS = {".js": "text/javascript", ".css": "text/css"}


def serve(files: dict[str, tuple[str, bytes]]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = files.get(self.path.split("?")[0], ("text/plain", b""))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def contents(view: MapView) -> dict[str, tuple[str, bytes]]:
    page = map_page(view, assets="/assets", nonce="n").encode()
    files = {"/map": ("text/html; charset=utf-8", page)}
    for name in (*SCRIPTS, *STYLES):
        files[f"/assets/{name}"] = (KINDS[Path(name).suffix], (STATIC / name).read_bytes())
    for name in view.names:
        files[f"/data/{name}.geojson"] = ("application/geo+json", view.layer(name).geojson())
    return files


def run(browser: Browser, url: str) -> tuple[float, float, float]:
    """Return milliseconds to the first picture of parcels, to all of it, and of a new theme."""
    page = browser.new_page(viewport={"width": 1366, "height": 600})
    page.goto(url)
    page.wait_for_selector("#landplan-map[data-ready]", state="attached", timeout=120_000)
    drawn, ready, theme = page.evaluate(
        """() => new Promise((done) => {
          const from = performance.now();
          landplan.map.show("land_use");
          requestAnimationFrame(() => setTimeout(() =>
            done([landplan.map.drawn, landplan.map.ready, performance.now() - from])));
        })"""
    )
    page.close()
    return drawn, ready, theme


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("proposals", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(
        "| proposal | parcels | before data, kB | data, kB "
        "| first picture, ms | all, ms | theme, ms |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OFFLINE))
        for folder in options.proposals:
            view = proposal_view(read_proposal(folder), language="en", url="/data")
            files = contents(view)
            server = serve(files)
            url = f"http://127.0.0.1:{server.server_address[1]}/map"
            runs = [run(browser, url) for _ in range(options.runs)]
            server.shutdown()
            data = sum(len(body) for name, (_, body) in files.items() if name.startswith("/data"))
            before = sum(len(body) for _, body in files.values()) - data
            figures = [f"{statistics.median(times):.0f}" for times in zip(*runs, strict=True)]
            print(
                f"| {view.title} | {view.parcels:,} | {before / 1000:.0f} | {data / 1000:.0f} | "
                + " | ".join(figures)
                + " |"
            )
        browser.close()


if __name__ == "__main__":
    main()
