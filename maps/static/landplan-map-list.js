// The list beside the map (its equal for keyboards and screen readers) and the box of one parcel.
// Text of the data is only ever set by textContent.
(function () {
  "use strict";
  const landplan = (window.landplan = window.landplan || {});
  const PAGE = 50;
  let root, api, texts, side, body;
  const state = { list: null, page: 0, sort: null, down: false };

  function make(name, text, parent) {
    const node = document.createElement(name);
    if (text !== undefined && text !== null) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }
  const use = (value) => api.config.uses[value] || value;
  const why = (rule) => api.config.reasons[rule] || rule;

  // Columns: key, heading, how a stored value is shown, whether it is a number.
  const COLUMNS = {
    sites: [
      ["letter", "site", (value, one) => value + " · " + one.id],
      ["area_m2", "area", (value) => api.area(value), true],
      ["parcel_count", "parcels", String, true],
      ["owner_count", "owners", String, true],
      ["bridge_count", "crossings", String, true],
    ],
    parcels: [
      ["parcel_id", "parcel", String],
      ["area_m2", "area", (value) => api.area(value), true],
      ["land_use", "land_use", use],
      ["zone", "zone", String],
      ["site_id", "site", String],
      ["excluded_by", "reason", why],
    ],
  };

  function rows() {
    const found = state.list === "sites" ? ((api.data.sites || {}).features || []).slice() : api.inView().filter((one) => !one.properties.street);
    if (state.sort) {
      const sign = state.down ? -1 : 1;
      const order = new Intl.Collator(api.config.language, { numeric: true });
      found.sort((one, other) => {
        const a = one.properties[state.sort], b = other.properties[state.sort];
        const none = (a === undefined) - (b === undefined);
        if (none || a === undefined) return none;
        return sign * (typeof a === "number" ? a - b : order.compare(String(a), String(b)));
      });
    }
    return found;
  }

  function heading(table, columns) {
    const line = make("tr", null, make("thead", null, table));
    for (const [key, word, , isNumber] of columns) {
      const cell = make("th", null, line);
      cell.scope = "col";
      if (isNumber) cell.className = "lp-number";
      const sorted = state.sort === key;
      cell.setAttribute("aria-sort", sorted ? (state.down ? "descending" : "ascending") : "none");
      const button = make("button", texts[word], cell);
      button.type = "button";
      button.dataset.sort = key;
    }
  }

  function row(one, columns, parent) {
    const line = make("tr", null, parent);
    line.dataset.id = one.id;
    columns.forEach(([key, , shown, isNumber], position) => {
      const value = one.properties[key];
      const text = value === undefined || value === null ? "—" : shown(value, one);
      const cell = make(position ? "td" : "th", position ? text : null, line);
      if (isNumber) cell.className = "lp-number";
      if (position) return;
      cell.scope = "row";
      const button = make("button", text, cell);
      button.type = "button";
      button.dataset.pick = one.id;
    });
    return line;
  }

  function paging(total) {
    const pages = Math.ceil(total / PAGE);
    if (pages < 2) return;
    const bar = make("div", null, body);
    bar.className = "lp-pages";
    const step = (word, by, enabled) => {
      const button = make("button", texts[word], bar);
      button.type = "button";
      button.dataset.step = by;
      button.disabled = !enabled;
    };
    step("previous", -1, state.page > 0);
    make("span", api.fill(texts.page, { page: state.page + 1, pages: pages }), bar);
    step("next", 1, state.page < pages - 1);
  }

  function draw() {
    if (!body || !state.list || !side.offsetParent) return;
    const held = document.activeElement && body.contains(document.activeElement) ? Object.assign({}, document.activeElement.dataset) : null;
    const all = rows();
    const columns = COLUMNS[state.list].filter(([key], position) => !position || all.some((one) => one.properties[key] !== undefined));
    state.page = Math.max(0, Math.min(state.page, Math.ceil(all.length / PAGE) - 1));
    body.textContent = "";
    if (!all.length) make("p", state.list === "sites" ? texts.empty_sites : texts.none_here, body);
    else {
      const table = make("table", null, body);
      const words = state.list === "sites" ? api.count("site", all.length) : api.count("parcel", all.length);
      make("caption", words, table);
      heading(table, columns);
      const lines = make("tbody", null, table);
      for (const one of all.slice(state.page * PAGE, (state.page + 1) * PAGE)) row(one, columns, lines);
      paging(all.length);
    }
    mark();
    if (held) {
      const [key, value] = Object.entries(held)[0] || [];
      const next = key && [...body.querySelectorAll("[data-" + key + "]")].find((node) => node.dataset[key] === value);
      (next && !next.disabled ? next : body).focus();
    }
  }

  function mark() {
    if (!body) return;
    const chosen = new Set(state.list === "sites" ? [api.selectedSite()] : api.selected());
    for (const line of body.querySelectorAll("tbody tr")) line.setAttribute("aria-selected", String(chosen.has(line.dataset.id)));
  }

  function pick(id) {
    if (state.list === "sites") api.selectSite(id);
    else api.select([id]);
    const one = api.feature(id);
    const box = one && landplan.layers.boundsOf([one]);
    if (state.list === "sites" || (box && box.isValid() && !api.leaflet.getBounds().contains(box))) api.fit([id]);
  }

  function open(list) {
    state.list = list;
    state.sort = null;
    state.page = 0;
    for (const tab of side.querySelectorAll("[data-list]")) tab.setAttribute("aria-selected", String(tab.dataset.list === list));
    draw();
  }

  landplan.list = {
    start(where, map) {
      root = where;
      api = map;
      texts = map.config.texts;
      side = root.querySelector(".lp-side");
      if (!side) return;
      body = side.querySelector(".lp-list");
      const toggle = root.querySelector(".lp-as-list");
      const show = (open) => {
        root.classList.toggle("lp-listed", open);
        toggle.setAttribute("aria-expanded", String(open));
        draw();
      };
      toggle.addEventListener("click", () => show(!root.classList.contains("lp-listed")));
      side.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        const { list, sort, step, pick: id } = button.dataset;
        if (list) open(list);
        if (id !== undefined) pick(id);
        if (step) { state.page += Number(step); draw(); }
        if (sort) {
          state.down = state.sort === sort && !state.down;
          state.sort = sort;
          draw();
        }
      });
      show(root.clientWidth >= 900);
      open(side.querySelector("[data-list]").dataset.list);
    },
    refresh: draw,
    moved() { if (state.list === "parcels") { state.page = 0; draw(); } },
    chosen() {
      mark();
      const line = body && body.querySelector('tr[aria-selected="true"]');
      if (line) line.scrollIntoView({ block: "nearest" });
    },
    // What is known about one parcel or site, in the corner of the map.
    info(one, isSite) {
      const box = root.querySelector(".lp-info");
      box.hidden = !one;
      if (!one) return;
      box.textContent = "";
      const values = one.properties;
      make("strong", isSite ? values.letter + " · " + one.id : one.id, box);
      const list = make("dl", null, box);
      const add = (word, text) => {
        if (text === undefined || text === null) return;
        make("dt", texts[word], list);
        make("dd", text, list);
      };
      add("area", api.area(values.area_m2));
      if (values.area_registered_m2 !== undefined) add("area_registered", api.area(values.area_registered_m2));
      if (isSite) {
        add("parcels", values.parcel_count);
        add("owners", values.owner_count);
        add("crossings", values.bridge_count);
        return;
      }
      add("land_use", values.land_use && use(values.land_use));
      add("zone", values.zone);
      if (values.party_after !== undefined) {
        add(values.party_before === values.party_after ? "owner" : "holder_before", values.party_before);
        if (values.party_before !== values.party_after) add("holder_after", values.party_after);
      } else add("owner", values.owner_id);
      add("site", values.site_id);
      add("reason", values.excluded_by && why(values.excluded_by));
      const lock = api.locks()[one.id];
      if (lock) make("p", lock === "must" ? texts.locked : texts.excluded, box);
    },
  };
})();
