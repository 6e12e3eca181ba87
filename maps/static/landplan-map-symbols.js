// Symbols as SVG: patterns, icons, swatches of the legend. All colours come with the config.
(function () {
  "use strict";
  const landplan = (window.landplan = window.landplan || {});
  const SVG = "http://www.w3.org/2000/svg";

  function svg(name, attributes, parent) {
    const node = document.createElementNS(SVG, name);
    for (const key of Object.keys(attributes || {})) node.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(node);
    return node;
  }

  // Puts one <pattern> per patterned symbol into an <svg>; fills refer to it by url(#lp-<key>).
  function definePatterns(host, config) {
    const defs = svg("defs", {}, host);
    const size = config.pattern.spacing;
    for (const key of config.order) {
      const symbol = config.symbols[key];
      if (!symbol.pattern) continue;
      const turn = { hatch: -45, hatch_back: 45, dots: 0 }[symbol.pattern];
      const pattern = svg("pattern", {
        id: "lp-" + key, width: size, height: size, patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(" + turn + ")",
      }, defs);
      if (symbol.pattern === "dots") {
        svg("circle", { cx: size / 2, cy: size / 2, r: config.pattern.dot, fill: symbol.pattern_color }, pattern);
      } else {
        svg("path", { d: "M0 " + size / 2 + "H" + size, stroke: symbol.pattern_color, "stroke-width": config.pattern.line }, pattern);
      }
    }
  }

  function icon(name, colour, config) {
    const node = svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", class: "lp-icon" });
    svg("path", { d: config.icons[name], fill: colour, "fill-rule": "evenodd" }, node);
    return node;
  }

  // Black or white, whichever reads better on a colour.
  function readable(colour) {
    const parts = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255);
    const linear = parts.map((c) => (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4)));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.18 ? "#1B1F24" : "#FFFFFF";
  }

  // One sample of a symbol: a box for areas, a line for lines, with its pattern, letter or icon.
  function swatch(key, config) {
    const symbol = config.symbols[key];
    const node = svg("svg", { viewBox: "0 0 28 18", width: 28, height: 18, "aria-hidden": "true", class: "lp-swatch" });
    const flat = key.startsWith("crossing") || key === "zone";
    const shape = (attributes) => flat
      ? svg("path", Object.assign({ d: "M2 9H26" }, attributes), node)
      : svg("rect", Object.assign({ x: 2.5, y: 2.5, width: 23, height: 13 }, attributes), node);
    const ground = config.symbols.ground.fill;
    if (!flat) shape({ fill: ground });
    if (!symbol.stroke) shape({ fill: "none", stroke: config.symbols.parcel.stroke, "stroke-width": 0.8 });
    if (symbol.fill) shape({ fill: symbol.fill, "fill-opacity": symbol.fill_opacity });
    if (symbol.pattern) shape({ fill: "url(#lp-" + key + ")" });
    if (symbol.casing) shape({ fill: "none", stroke: symbol.casing, "stroke-width": symbol.stroke_width + 2 * symbol.casing_width });
    if (symbol.stroke) {
      shape({ fill: "none", stroke: symbol.stroke, "stroke-width": symbol.stroke_width, "stroke-dasharray": (symbol.dash || []).join(" ") });
    }
    if (symbol.letter && !flat) {
      const colour = readable(symbol.fill_opacity < 1 ? ground : symbol.fill || ground);
      const text = svg("text", { x: 14, y: 13, "text-anchor": "middle", "font-size": 11, "font-weight": 600, fill: colour }, node);
      text.textContent = symbol.letter;
    }
    if (symbol.icon) {
      const place = svg("g", { transform: "translate(8.4 3.4) scale(0.7)" }, node);
      svg("path", { d: config.icons[symbol.icon], fill: symbol.pattern_color || "#1B1F24", "fill-rule": "evenodd" }, place);
    }
    return node;
  }

  landplan.symbols = { svg, definePatterns, icon, readable, swatch };
})();
