// How layers are drawn: thousands of parcels on one canvas, what has a meaning on SVG above it.
(function () {
  "use strict";
  const landplan = (window.landplan = window.landplan || {});
  const { svg, definePatterns, icon, readable } = landplan.symbols;

  // From below to above. Only parcels answer the mouse: all else lets it through.
  const PANES = ["streets", "roads", "parcels", "zones", "restrictions", "marked", "sites", "difference", "bridges", "locks", "holding", "chosen"];

  // Draws each parcel with the symbol it carries; no style objects, no second canvas for letters.
  const ParcelCanvas = L.Canvas.extend({
    _fillStroke(context, path) {
      const symbol = path.symbol;
      if (symbol.fill) {
        context.globalAlpha = symbol.fill_opacity;
        context.fillStyle = symbol.fill;
        context.fill("evenodd");
      }
      if (symbol.stroke) {
        context.globalAlpha = 1;
        context.strokeStyle = symbol.stroke;
        context.lineWidth = symbol.stroke_width * this.thin;
        context.lineJoin = "round";
        context.stroke();
      }
    },
    _draw() {
      const zoom = this._map.getZoom();
      this.thin = zoom >= 16 ? 1 : zoom >= 14.5 ? 0.6 : 0.35;
      L.Canvas.prototype._draw.call(this);
      if (!this.letters) return;
      const context = this._ctx;
      context.globalAlpha = 1;
      context.font = "600 12px system-ui, sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      for (let order = this._drawFirst; order; order = order.next) {
        const path = order.layer;
        if (!path.symbol.letter || !path._pxBounds || !this._bounds.intersects(path._pxBounds)) continue;
        const size = path._pxBounds.getSize();
        const middle = path._pxBounds.getCenter();
        if (size.x < 24 || size.y < 20 || !path._containsPoint(middle)) continue;
        context.fillStyle = readable(path.symbol.fill);
        context.fillText(path.symbol.letter, middle.x, middle.y);
      }
    },
    redrawAll() {
      if (!this._map || !this._ctx) return;
      this._redrawBounds = null;
      this._redraw();
    },
  });

  function makePanes(map, config) {
    const renderers = {};
    PANES.forEach((name, position) => {
      const pane = map.createPane("lp-" + name);
      pane.style.zIndex = 300 + 10 * position;
      const canvas = name === "parcels" ? ParcelCanvas : name === "streets" || name === "roads" ? L.Canvas : L.SVG;
      renderers[name] = new canvas({ pane: "lp-" + name, padding: 0.3 });
      if (name !== "parcels") pane.style.pointerEvents = "none";
    });
    map.getPane("markerPane").style.zIndex = 500;
    // patterns live in a drawing of their own, so that legend and map share them
    const host = svg("svg", { width: 0, height: 0, "aria-hidden": "true", class: "lp-defs" });
    definePatterns(host, config);
    map.getContainer().appendChild(host);
    return renderers;
  }

  const flip = (ring) => ring.map((point) => new L.LatLng(point[1], point[0]));
  function latLngs(geometry) {
    const rings = (polygon) => polygon.map(flip);
    switch (geometry.type) {
      case "Polygon": return rings(geometry.coordinates);
      case "MultiPolygon": return geometry.coordinates.map(rings);
      case "LineString": return flip(geometry.coordinates);
      case "MultiLineString": return geometry.coordinates.map(flip);
      default: return null;
    }
  }
  const isLine = (geometry) => geometry.type.endsWith("LineString");

  // The layers of one feature with one symbol: fill, pattern, casing, line.
  function draw(feature, symbol, renderer, options) {
    const points = feature.geometry && latLngs(feature.geometry);
    if (!points) return [];
    const make = isLine(feature.geometry) ? L.polyline : L.polygon;
    const pane = renderer.options.pane;
    const base = { renderer, pane, interactive: false, fill: false, stroke: false, lineJoin: "round" };
    const found = [];
    const add = (style) => found.push(make(points, Object.assign({}, base, style)));
    if (symbol.fill && !isLine(feature.geometry) && !(options && options.outline)) {
      add({ fill: true, fillColor: symbol.fill, fillOpacity: symbol.fill_opacity });
    }
    if (symbol.pattern && !(options && options.outline)) {
      add({ fill: true, fillColor: "url(#lp-" + symbol.key + ")", fillOpacity: 1 });
    }
    const width = (options && options.width) || symbol.stroke_width;
    if (symbol.casing) add({ stroke: true, color: symbol.casing, weight: width + 2 * symbol.casing_width, lineCap: "butt" });
    if (symbol.stroke) {
      add({ stroke: true, color: symbol.stroke, weight: width, lineCap: "butt", dashArray: symbol.dash ? symbol.dash.join(" ") : null });
    }
    return found;
  }

  // Borders of neighbours once: two dashed lines over each other would look like a solid one.
  function borders(features, symbol, renderer) {
    const seen = new Set();
    const lines = [];
    const follow = (ring) => {
      let line = [];
      const close = () => { if (line.length > 1) lines.push(line); line = []; };
      for (let i = 1; i < ring.length; i++) {
        const from = ring[i - 1], to = ring[i];
        const key = from < to ? from + ";" + to : to + ";" + from;
        if (seen.has(key)) { close(); continue; }
        seen.add(key);
        if (!line.length) line.push([from[1], from[0]]);
        line.push([to[1], to[0]]);
      }
      close();
    };
    for (const one of features) {
      if (!one.geometry) continue;
      const polygons = one.geometry.type === "Polygon" ? [one.geometry.coordinates] : one.geometry.coordinates;
      if (one.geometry.type.endsWith("Polygon")) polygons.forEach((rings) => rings.forEach(follow));
    }
    return L.polyline(lines, {
      renderer, pane: renderer.options.pane, interactive: false, color: symbol.stroke, weight: symbol.stroke_width,
      dashArray: symbol.dash.join(" "), lineCap: "butt", lineJoin: "round",
    });
  }

  // A word or an icon at a place; text never becomes HTML.
  function label(map, place, content, className) {
    const node = document.createElement("div");
    node.className = className;
    for (const part of [].concat(content)) {
      if (typeof part === "string") {
        const line = document.createElement("span");
        line.textContent = part;
        node.appendChild(line);
      } else node.appendChild(part);
    }
    const mark = L.divIcon({ className: "lp-mark", html: node, iconSize: [0, 0] });
    return L.marker(place, { icon: mark, keyboard: false, interactive: false });
  }

  // Labels that would lie on others keep their first line only, or none; those listed first stay whole.
  function thin(marks) {
    const kept = [];
    for (const mark of marks) {
      const node = mark.getElement()?.firstElementChild;
      if (!node) continue;
      const more = [...node.children].slice(1);
      node.style.visibility = "";
      for (const line of more) line.style.display = "";
      let box = node.getBoundingClientRect();
      const free = () => kept.every((other) => box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom);
      if (!free()) {
        for (const line of more) line.style.display = "none";
        box = node.getBoundingClientRect();
      }
      if (free()) kept.push(box);
      else node.style.visibility = "hidden";
    }
  }

  function boundsOf(features) {
    const box = L.latLngBounds([]);
    const walk = (points) => (typeof points[0] === "number" ? box.extend([points[1], points[0]]) : points.forEach(walk));
    for (const feature of features) if (feature.geometry) walk(feature.geometry.coordinates);
    return box;
  }

  landplan.layers = { makePanes, latLngs, draw, borders, label, thin, boundsOf, icon };
})();
