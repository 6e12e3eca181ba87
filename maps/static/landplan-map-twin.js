// An exchange side by side: today in a second map beside the first, both always with the same view.
(function () {
  "use strict";
  const landplan = (window.landplan = window.landplan || {});

  landplan.twin = function ({ map, config, data, texts, pick, hover, choose }) {
    const { makePanes, draw, latLngs } = landplan.layers;
    const { symbols } = config;
    const main = map.getContainer();
    const stage = main.parentElement;
    let other = null; // the second map, made when it is first asked for
    let renderers = null;
    let parcels = null;
    let holding = null;
    let shown = false;
    let following = false;

    function follow(from, to) {
      if (!shown || following) return;
      following = true;
      to.setView(from.getCenter(), from.getZoom(), { animate: false });
      following = false;
    }
    function caption(box, text) {
      const line = document.createElement("div");
      line.className = "lp-caption";
      line.textContent = text;
      box.appendChild(line);
    }
    function make() {
      const box = document.createElement("div");
      box.className = "lp-canvas lp-twin";
      stage.insertBefore(box, main);
      const same = ["zoomSnap", "wheelPxPerZoomLevel", "minZoom", "maxZoom", "crs", "zoomAnimation", "fadeAnimation", "boxZoom"];
      const options = Object.fromEntries(same.map((name) => [name, map.options[name]]));
      other = L.map(box, Object.assign(options, { zoomControl: false, attributionControl: false, center: map.getCenter(), zoom: map.getZoom() }));
      box.setAttribute("role", "application");
      box.setAttribute("aria-label", texts.before + " – " + texts.help);
      caption(box, texts.before);
      caption(main, texts.after);
      renderers = makePanes(other, config);
      for (const feature of (data.streets || { features: [] }).features) draw(feature, symbols.street, renderers.streets).forEach((layer) => layer.addTo(other));
      parcels = L.featureGroup().addTo(other);
      holding = L.featureGroup().addTo(other);
      const feature = (event) => (event.propagatedFrom || event.layer).feature;
      parcels.on("mouseover", (event) => hover(feature(event).properties.party_before || null));
      parcels.on("mouseout", () => hover(null));
      parcels.on("click", (event) => choose(feature(event)));
      other.on("move", () => follow(other, map));
      map.on("move", () => follow(map, other));
    }
    function restyle() {
      if (!shown) return;
      const symbol = pick();
      parcels.eachLayer((path) => { path.symbol = symbol(path.feature.properties); });
      renderers.parcels.letters = true;
      renderers.parcels.redrawAll();
    }
    function redraw() {
      if (!shown) return;
      parcels.clearLayers();
      const symbol = pick();
      for (const feature of (data.parcels || { features: [] }).features) {
        const points = feature.geometry && latLngs(feature.geometry);
        if (!points) continue;
        const path = L.polygon(points, { renderer: renderers.parcels, pane: "lp-parcels", bubblingMouseEvents: false });
        path.feature = feature;
        path.symbol = symbol(feature.properties);
        parcels.addLayer(path);
      }
    }
    // What the chosen party gives and keeps, and the outline of the one under the mouse.
    function mark(chosen, hovered) {
      if (!shown) return;
      holding.clearLayers();
      for (const { properties, ...rest } of (data.parcels || { features: [] }).features) {
        const party = properties.party_before;
        if (!party) continue;
        const own = party === chosen ? (properties.party_after === party ? symbols.kept : symbols.given) : null;
        const symbol = own || (party === hovered ? symbols.selected : null);
        if (symbol) draw(rest, symbol, renderers.holding).forEach((layer) => holding.addLayer(layer));
      }
    }
    function show(on) {
      if (on === shown) return;
      shown = on;
      if (on && !other) {
        make();
        stage.querySelector(".lp-legend").open = false; // it would cover half of this map
      }
      stage.classList.toggle("lp-beside", on);
      map.invalidateSize({ animate: false });
      if (!on) return;
      other.invalidateSize({ animate: false });
      follow(map, other);
      redraw();
    }
    return { show, redraw, restyle, mark, shown: () => shown, leaflet: () => other };
  };
})();
