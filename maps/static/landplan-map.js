// The map of a plan or a town. landplan.startMap(map) is called by the page with Leaflet's map.
// Others use landplan.map (see the end) and hear landplan:select, landplan:box, landplan:ready.
(function () {
  "use strict";
  const landplan = (window.landplan = window.landplan || {});

  const WHENS = ["before", "after", "both", "beside"];

  landplan.startMap = function (map) {
    const config = JSON.parse(document.getElementById("landplan-map-config").textContent);
    const root = document.getElementById("landplan-map");
    const find = (selector) => root.querySelector(selector);
    const texts = config.texts;
    const { makePanes, draw, borders, latLngs, label, thin, boundsOf, icon } = landplan.layers;
    const renderers = makePanes(map, config);
    const groups = {};
    for (const name of Object.keys(renderers)) groups[name] = L.featureGroup().addTo(map);
    const data = {};
    const parcels = new Map();
    const state = { theme: config.theme, show: config.show, chosen: new Set(), site: null, locks: Object.assign({}, config.locks), drawn: new Set(), hidden: false };
    const failed = new Set();

    // ---- words ----------------------------------------------------------------------------
    const fill = landplan.fill;
    function say(text) {
      const line = find(".lp-status");
      if (line.textContent !== text) line.textContent = text;
    }
    const { area, hectares, count } = landplan.words(config);

    // ---- symbols of parcels ---------------------------------------------------------------
    const symbols = config.symbols;
    const plain = Object.assign({}, symbols.parcel, { fill: symbols.ground.fill, fill_opacity: 1 });
    const street = Object.assign({}, symbols.street, { key: "street" });
    const theme = () => config.themes.find((one) => one.key === state.theme) || config.themes[0];
    function parcelSymbol(when = state.show) {
      const now = theme();
      const column = now.columnBefore && when === "before" ? now.columnBefore : now.column;
      const known = new Map();
      for (const kind of now.kinds) for (const value of kind.values) known.set(value, symbols[kind.symbol]);
      return (properties) => {
        if (properties.street) return street;
        const value = column && properties[column];
        if (value === undefined || value === null) return plain;
        return known.get(value) || symbols.category_other;
      };
    }
    const themed = () => theme().column !== null;

    // ---- drawing --------------------------------------------------------------------------
    function drawAll(name, symbol, options) {
      for (const feature of (data[name] || { features: [] }).features) {
        for (const layer of draw(feature, symbol, renderers[name], options)) groups[name].addLayer(layer);
      }
    }
    function drawParcels() {
      groups.parcels.clearLayers();
      parcels.clear();
      const pick = parcelSymbol();
      const options = { renderer: renderers.parcels, pane: "lp-parcels", bubblingMouseEvents: false };
      for (const feature of data.parcels.features) {
        const points = feature.geometry && latLngs(feature.geometry);
        if (!points) continue;
        const path = L.polygon(points, options);
        path.feature = feature;
        path.symbol = pick(feature.properties);
        parcels.set(feature.id, path);
        groups.parcels.addLayer(path);
      }
      twin && twin.redraw();
    }
    function restyle() {
      const pick = parcelSymbol();
      state.drawn = new Set();
      for (const path of parcels.values()) {
        path.symbol = pick(path.feature.properties);
        state.drawn.add(path.symbol === plain ? "parcel" : path.symbol.key);
      }
      renderers.parcels.letters = themed();
      renderers.parcels.redrawAll();
      twin && twin.restyle();
    }
    let siteLabels = [];
    const holders = config.exchange && config.themes.some((one) => one.columnBefore);
    const holding = holders && landplan.holding({
      parcels: parcels, symbols: symbols, renderer: renderers.holding, group: groups.holding,
      before: () => state.show === "before",
      changed: (party) => { drawLegend(); tell("holding", { party: party }); },
      marked: (chosen, hovered) => twin && twin.mark(chosen, hovered),
    });
    const twin = holders && landplan.twin({
      map: map, config: config, data: data, texts: texts, pick: () => parcelSymbol("before"),
      hover: (party) => holding.hoverParty(party),
      choose: (feature) => {
        holding.choose(holding.chosen() === feature.properties.party_before ? null : feature.properties.party_before || null);
        select([feature.id]);
      },
    });
    const members = () => (data.marked || { features: [] }).features.filter((one) => one.properties.site_id);
    function drawPlan() {
      for (const name of ["sites", "marked", "bridges", "locks"]) groups[name].clearLayers();
      const opacity = config.stale ? config.staleOpacity : 1;
      for (const name of ["sites", "marked", "bridges"]) map.getPane("lp-" + name).style.opacity = opacity;
      const before = state.show !== "after", after = state.show !== "before";
      if (config.exchange && data.parcels) {
        const moved = data.parcels.features.filter((one) => one.properties.moved);
        if (!holding) moved.forEach((one) => draw(one, symbols.received, renderers.marked).forEach((layer) => groups.marked.addLayer(layer)));
        else if (state.show === "both") groups.marked.addLayer(borders(moved, symbols.before, renderers.marked));
      }
      if (before && members().length) {
        groups.marked.addLayer(borders(members(), symbols.before, renderers.marked));
      }
      if (after && data.sites) {
        drawAll("sites", symbols.site, { outline: themed() });
        if (before) drawAll("sites", symbols.after);
        siteLabels = [];
        for (const site of [...data.sites.features].sort((one, other) => other.properties.area_m2 - one.properties.area_m2)) {
          const at = site.properties.at;
          if (!at) continue;
          siteLabels.push(label(map, [at[1], at[0]], [site.properties.letter, hectares(site.properties.area_m2)], "lp-site-label"));
          groups.sites.addLayer(siteLabels[siteLabels.length - 1]);
        }
        thin(siteLabels);
        for (const bridge of (data.bridges || { features: [] }).features) {
          const wide = bridge.geometry && bridge.geometry.type.endsWith("Polygon");
          const symbol = wide ? Object.assign({}, symbols.crossing, { fill: symbols.crossing.stroke, fill_opacity: 1, stroke: symbols.crossing.casing, stroke_width: 2, casing: null }) : symbols.crossing;
          draw(bridge, symbol, renderers.bridges).forEach((layer) => groups.bridges.addLayer(layer));
          const middle = boundsOf([bridge]).getCenter();
          groups.bridges.addLayer(label(map, middle, String(bridge.properties.number), "lp-crossing-label"));
        }
      }
      drawLocks();
    }
    function featureOf(id) {
      const path = parcels.get(id);
      if (path) return path.feature;
      return (data.marked || { features: [] }).features.find((one) => one.id === id) || null;
    }
    function drawLocks() {
      groups.locks.clearLayers();
      for (const id of Object.keys(state.locks)) {
        const feature = featureOf(id);
        const must = state.locks[id] === "must";
        if (!feature || !feature.geometry) continue;
        const symbol = must ? symbols.locked : symbols.excluded;
        draw(feature, symbol, renderers.locks).forEach((layer) => groups.locks.addLayer(layer));
        const sign = icon(symbol.icon, must ? symbol.stroke : symbol.pattern_color, config);
        groups.locks.addLayer(label(map, boundsOf([feature]).getCenter(), sign, "lp-lock"));
      }
    }
    function drawChosen() {
      groups.chosen.clearLayers();
      const shapes = [...state.chosen].map(featureOf).filter(Boolean);
      if (state.site && data.sites) shapes.push(...data.sites.features.filter((one) => one.id === state.site));
      for (const one of shapes) draw(one, symbols.selected, renderers.chosen).forEach((layer) => groups.chosen.addLayer(layer));
    }
    function drawLegend() {
      const keys = new Map([...state.drawn].map((key) => [key, texts["legend." + key]]));
      for (const kind of theme().kinds) if (keys.has(kind.symbol)) keys.set(kind.symbol, kind.label);
      if (keys.has("category_other")) keys.set("category_other", theme().other || texts["legend.category_other"]);
      const has = (name) => groups[name].getLayers().length > 0;
      const put = (key, when) => when && keys.set(key, texts["legend." + key]);
      put("street", has("streets") || has("roads"));
      put("zone", has("zones"));
      put("restriction", has("restrictions"));
      put("site", has("sites") && state.show === "after");
      put("after", has("sites") && state.show === "both");
      put("site", has("sites") && state.show === "both");
      put("before", state.show !== "after" && members().length > 0);
      put("crossing", has("bridges"));
      const set = Object.keys(state.locks).filter(featureOf).map((id) => state.locks[id]);
      put("locked", set.includes("must"));
      put("excluded", set.includes("never"));
      put("selected", has("chosen"));
      if (config.exchange && groups.marked.getLayers().length) keys.set(holding ? "before" : "received", texts.moved);
      for (const key of holding ? holding.drawn() : []) put(key, true);
      for (const feature of (data.difference || { features: [] }).features) put(feature.properties.symbol, true);
      const list = find(".lp-legend ul");
      list.textContent = "";
      for (const key of config.order) {
        if (!keys.has(key)) continue;
        const item = document.createElement("li");
        item.dataset.key = key;
        item.append(landplan.symbols.swatch(key, config), keys.get(key));
        list.appendChild(item);
      }
    }
    function drawBelow() {
      drawAll("streets", symbols.street);
      const lines = (data.roads || { features: [] }).features.filter((one) => one.geometry).flatMap((one) => {
        const points = latLngs(one.geometry) || [];
        return Array.isArray(points[0]) ? points : [points];
      });
      if (lines.length) {
        const road = { renderer: renderers.roads, pane: "lp-roads", interactive: false, color: symbols.street.fill, weight: 3, opacity: 1 };
        groups.roads.addLayer(L.polyline(lines, road));
      }
      const zones = (data.zones || { features: [] }).features;
      if (zones.length) groups.zones.addLayer(borders(zones, symbols.zone, renderers.zones));
      drawAll("restrictions", symbols.restriction);
    }
    // Many zones are as small as a block: from afar thin lines leave the streets to be seen.
    function thinZones() {
      root.classList.toggle("lp-far", map.getZoom() < 15);
      const weight = map.getZoom() >= 16 ? symbols.zone.stroke_width : symbols.zone.stroke_width / 2;
      groups.zones.eachLayer((line) => line.setStyle({ weight: weight }));
    }
    function refresh() {
      restyle();
      drawPlan();
      drawChosen();
      drawLegend();
      landplan.list && landplan.list.refresh();
    }

    // ---- data -----------------------------------------------------------------------------
    async function fetchLayer(name, box, signal) {
      if (!config.url) return (window.landplanData || {})[name];
      const query = new URLSearchParams();
      if (box) query.set("bbox", box);
      query.set("v", config.version.slice(0, 12));
      // a public page stays public whoever looks at it
      if (config.role === "viewer") query.set("embed", "1");
      const answer = await fetch(config.url + "/" + name + ".geojson?" + query, { credentials: "same-origin", signal: signal });
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }
    async function load(name, box, signal) {
      try {
        data[name] = (await fetchLayer(name, box, signal)) || { features: [] };
        failed.delete(name);
      } catch (error) {
        if (error.name === "AbortError") throw error;
        data[name] = data[name] || { features: [] };
        failed.add(name);
      }
    }
    function notice(text, word, act) {
      const box = find(".lp-notice");
      box.hidden = !text;
      box.textContent = "";
      if (!text) return;
      box.append(text, " ");
      if (!word) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = word;
      button.addEventListener("click", act);
      box.appendChild(button);
    }
    function summary() {
      if (failed.size) return say(fill(texts.failed, { layers: [...failed].map((name) => texts["layer." + name] || name).join(", ") }));
      if (state.hidden) return say("");
      const seen = inView().filter((one) => !one.properties.street).length;
      if (!seen && data.parcels) {
        notice(texts.none_here, texts.show_all, () => landplan.map.fit());
      } else if (!state.hidden) notice("");
      say(state.chosen.size ? fill(texts.selected, { parcels: count("parcel", state.chosen.size), area: area(chosenArea()) }) : count("parcel", seen));
    }
    const chosenArea = () => [...state.chosen].map(featureOf).filter(Boolean).reduce((sum, one) => sum + (one.properties.area_m2 || 0), 0);
    // Parcels are spread evenly enough over a town to guess how many a window holds.
    function expected(zoom) {
      if (!config.bounds || config.parcels <= config.limit) return config.parcels;
      const [west, south, east, north] = config.bounds;
      const middle = map.project(map.getCenter(), zoom), half = map.getSize().divideBy(2);
      const box = L.latLngBounds(map.unproject(middle.subtract(half), zoom), map.unproject(middle.add(half), zoom));
      const across = Math.min(east, box.getEast()) - Math.max(west, box.getWest());
      const up = Math.min(north, box.getNorth()) - Math.max(south, box.getSouth());
      return across <= 0 || up <= 0 ? 0 : (config.parcels * across * up) / ((east - west) * (north - south) || 1);
    }
    // Towns are denser in some places than in others: keep half of what may be drawn in reserve.
    const tooMany = (zoom) => expected(zoom) > config.limit / 2;
    let fetching = null;
    let everything = null;
    async function loadParcels() {
      if (config.parcels <= config.limit) return load("parcels");
      state.hidden = tooMany(map.getZoom());
      if (state.hidden) {
        data.parcels = { features: [] };
        let closer = map.getZoom();
        while (tooMany(closer) && closer < map.getMaxZoom()) closer += 0.25;
        notice(texts.too_small, texts.zoom_here, () => map.setZoom(closer));
        return undefined;
      }
      notice("");
      const box = map.getBounds().pad(0.2);
      if (!config.url) {
        everything = everything || ((window.landplanData || {}).parcels || { features: [] }).features;
        data.parcels = { features: everything.filter((one) => box.intersects(boundsOf([one]))) };
        return undefined;
      }
      if (fetching) fetching.abort();
      fetching = new AbortController();
      const round = (value) => value.toFixed(4);
      return load("parcels", [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map(round).join(","), fetching.signal);
    }
    async function moved() {
      if (config.parcels > config.limit) {
        try { await loadParcels(); } catch { return; }
        drawParcels();
        restyle();
        drawLocks();
        drawChosen();
        drawLegend();
      }
      summary();
      landplan.list && landplan.list.moved();
    }
    function inView() {
      const box = map.getBounds();
      return [...parcels.values()].filter((path) => box.intersects(path.getBounds())).map((path) => path.feature);
    }

    // ---- choosing -------------------------------------------------------------------------
    const tell = (name, detail) => document.dispatchEvent(new CustomEvent("landplan:" + name, { detail: detail }));
    function select(ids, options) {
      state.chosen = new Set(ids);
      state.site = (options && options.site) || null;
      drawChosen();
      drawLegend();
      summary();
      const first = state.site ? (data.sites || { features: [] }).features.find((one) => one.id === state.site) : featureOf([...ids][0]);
      landplan.list && landplan.list.info(first, Boolean(state.site));
      landplan.list && landplan.list.chosen();
      if (!(options && options.quiet)) tell("select", { ids: [...state.chosen], site: state.site });
    }
    function selectSite(id, options) {
      const ids = members().filter((one) => one.properties.site_id === id).map((one) => one.id);
      select(ids, Object.assign({ site: id }, options));
    }
    const under = (event) => event.propagatedFrom || event.layer;
    groups.parcels.on("click", (event) => {
      const id = under(event).feature.id;
      if (holding) holding.choose(state.chosen.has(id) ? null : holding.partyOf(under(event).feature.properties) || null);
      const more = event.originalEvent.ctrlKey || event.originalEvent.metaKey;
      if (!more) return select(state.chosen.size === 1 && state.chosen.has(id) ? [] : [id]);
      const next = new Set(state.chosen);
      if (!next.delete(id)) next.add(id);
      return select(next);
    });
    groups.parcels.on("mouseover", (event) => {
      landplan.list && landplan.list.info(under(event).feature, false);
      holding && holding.hover(under(event).feature);
    });
    groups.parcels.on("mouseout", () => {
      landplan.list && landplan.list.info(featureOf([...state.chosen][0]), false);
      holding && holding.hover(null);
    });

    const container = map.getContainer();
    const boxButton = find('[data-do="box"]');
    const boxing = () => boxButton.getAttribute("aria-pressed") === "true";
    landplan.onBox(map, boxing, (box, more) => {
      const ids = [...parcels.values()].filter((path) => !path.feature.properties.street && box.contains(path.getBounds().getCenter())).map((path) => path.feature.id);
      select(more ? [...state.chosen, ...ids] : ids);
      tell("box", { ids: ids });
    });

    // ---- buttons and keys -----------------------------------------------------------------
    const acts = {
      in: () => map.zoomIn(1), out: () => map.zoomOut(1), fit: () => landplan.map.fit(),
      box: () => boxButton.setAttribute("aria-pressed", String(!boxing())),
    };
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) acts[button.dataset.do]();
    });
    root.addEventListener("change", (event) => {
      if (event.target.name === "lp-theme") landplan.map.show(event.target.value);
      if (event.target.name === "lp-when") landplan.map.when(event.target.value);
    });
    container.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const whens = twin ? WHENS : WHENS.slice(0, 3);
      if (event.code === "KeyF") landplan.map.fit();
      else if (event.code === "KeyB" && (data.sites || config.exchange)) landplan.map.when(whens[(whens.indexOf(twin && twin.shown() ? "beside" : state.show) + 1) % whens.length]);
      else if (event.code === "Escape" && state.chosen.size) select([]);
      else if (event.code === "Enter" && event.target === container) {
        const at = map.getCenter();
        const path = [...parcels.values()].find((one) => one.getBounds().contains(at) && one._containsPoint(map.latLngToLayerPoint(at)));
        if (path) select([path.feature.id]);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", texts.help);

    // ---- what others may use --------------------------------------------------------------
    const check = (name, value) => {
      const input = root.querySelector('input[name="' + name + '"][value="' + value + '"]');
      if (input) input.checked = true;
    };
    landplan.map = {
      leaflet: map,
      twin: () => twin && twin.leaflet(),
      config: config,
      area: area,
      count: count,
      fill: fill,
      hectares: hectares,
      data: data,
      inView: inView,
      members: members,
      feature: featureOf,
      selected: () => [...state.chosen],
      selectedSite: () => state.site,
      select: (ids, options) => select([].concat(ids || []), options),
      selectSite: selectSite,
      show(key) {
        if (!config.themes.some((one) => one.key === key)) return;
        state.theme = key;
        check("lp-theme", key);
        refresh();
      },
      when(value) {
        if (!WHENS.includes(value) || (value === "beside" && !twin)) return;
        // side by side: the plan here, today in the second map
        state.show = value === "beside" ? "after" : value;
        if (twin) twin.show(value === "beside");
        check("lp-when", value);
        if (config.exchange) { restyle(); holding && holding.redraw(); }
        drawPlan();
        drawLegend();
      },
      // Shows what an owner keeps, gives and receives in an exchange; null: nobody.
      holding(party, options) {
        if (!holding) return;
        holding.choose(party);
        const own = party === null ? [] : holding.own(party).map((one) => one.id);
        if (own.length && options && options.fit) landplan.map.fit(own);
      },
      setLocks(locks) {
        state.locks = Object.assign({}, locks);
        drawLocks();
        drawLegend();
      },
      locks: () => Object.assign({}, state.locks),
      fit(ids) {
        const chosen = ids && [].concat(ids);
        const sites = ((data.sites || {}).features || []).filter((one) => chosen && chosen.includes(one.id));
        const shapes = chosen && [...sites, ...chosen.map(featureOf).filter(Boolean)];
        const box = shapes && shapes.length ? boundsOf(shapes) : null;
        const [west, south, east, north] = config.focus || config.bounds || [-180, -80, 180, 80];
        const target = box && box.isValid() ? box.pad(0.4) : L.latLngBounds([south, west], [north, east]);
        map.fitBounds(target, { maxZoom: 18, animate: false });
      },
      // Replaces a layer. "difference" takes features with a symbol key in properties.symbol.
      setLayer(name, geojson) {
        data[name] = geojson;
        if (name === "parcels") drawParcels();
        if (name === "difference") {
          groups.difference.clearLayers();
          for (const one of geojson.features) {
            const symbol = symbols[one.properties.symbol];
            if (!symbol) continue;
            draw(one, symbol, renderers.difference).forEach((layer) => groups.difference.addLayer(layer));
            const middle = boundsOf([one]);
            if (symbol.letter && middle.isValid()) groups.difference.addLayer(label(map, middle.getCenter(), symbol.letter, "lp-crossing-label"));
          }
        }
        refresh();
      },
    };

    // ---- start ----------------------------------------------------------------------------
    L.Control.Scale.include({
      _updateScale(scale, text, ratio) {
        scale.style.width = Math.round(this.options.maxWidth * ratio) + "px";
        scale.textContent = config.language === "zh" ? text.replace(" km", "公里").replace(" m", "米") : text;
      },
    });
    L.control.scale({ imperial: false, position: "bottomright", maxWidth: 110 }).addTo(map);
    if (config.basemap) {
      const source = document.createElement("span");
      source.textContent = config.basemap.attribution;
      L.tileLayer(config.basemap.url, { maxNativeZoom: config.basemap.max_zoom, maxZoom: 21, attribution: source.innerHTML }).addTo(map);
      map.attributionControl.setPrefix(false);
    }
    root.classList.toggle("lp-tiles", Boolean(config.basemap));
    check("lp-theme", state.theme);
    check("lp-when", state.show);
    landplan.list && landplan.list.start(root, landplan.map);
    map.invalidateSize({ animate: false });
    landplan.map.fit();
    say(texts.loading);
    async function start() {
      // outlines first, the plan on them next, the surroundings last
      await loadParcels().catch(() => undefined);
      drawParcels();
      restyle();
      landplan.map.drawn = performance.now();
      say(fill(texts.drawing, { parcels: count("parcel", parcels.size) }));
      await Promise.all(config.names.filter((name) => name !== "parcels").map((name) => load(name)));
      drawBelow();
      refresh();
      summary();
      thinZones();
      map.on("zoomend", () => { thinZones(); thin(siteLabels); });
      thin(siteLabels);
      map.on("moveend", moved);
      new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(container);
      if (config.selected) {
        const isSite = (data.sites || { features: [] }).features.some((one) => one.id === config.selected);
        (isSite ? selectSite : select)(isSite ? config.selected : [config.selected], { quiet: true });
        landplan.map.fit([config.selected]);
      }
      landplan.map.ready = performance.now();
      root.dataset.ready = "true";
      tell("ready", { parcels: parcels.size });
    }
    // Leaflet is ready only when the code that called this has ended.
    setTimeout(start, 0);
    landplan.embed && landplan.embed.start(landplan.map);
  };
})();
