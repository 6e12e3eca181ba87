// A plan's page: list and map show the same parcel, keys of the plan, changing by hand.
"use strict";

(function () {
  const plan = document.getElementById("plan");
  if (!plan) return;
  const map = () => window.landplan.map;
  const rows = () => [...plan.querySelectorAll("[data-linked] tr[data-parcel]")];
  const form = () => document.getElementById("edit-form");
  let chosen = []; // what the map had selected before the last click

  // --- list and map ------------------------------------------------------------------------------

  /** Mark parcels in the list; the first one is brought into view. */
  function mark(ids) {
    const wanted = new Set(ids);
    for (const row of rows()) row.setAttribute("aria-selected", String(wanted.has(row.dataset.parcel)));
    const first = rows().find((row) => wanted.has(row.dataset.parcel));
    if (first) first.scrollIntoView({ block: "nearest" });
  }

  function show(id) {
    mark([id]);
    if (!map()) return;
    chosen = [id];
    map().select([id], { quiet: true });
    map().fit([id]);
  }

  plan.addEventListener("click", (event) => {
    const zoom = event.target.closest("[data-zoom]");
    if (zoom && map()) {
      const ids = zoom.dataset.zoom.split("\n");
      map().select(ids, { quiet: true });
      map().fit(ids);
    }
    if (event.target.closest("a, [data-toggle], summary, form")) return;
    const party = event.target.closest("tr[data-party]");
    if (party) showParty(party.dataset.party);
    const row = event.target.closest("[data-linked] tr[data-parcel]");
    if (row) show(row.dataset.parcel);
  });

  /** Mark a party of an exchange in the list and on the map; pressed again, nobody is marked. */
  function showParty(id) {
    const row = [...plan.querySelectorAll("tr[data-party]")].find((one) => one.dataset.party === id);
    const again = row && row.getAttribute("aria-selected") === "true";
    markParty(again ? null : id);
    if (map() && map().holding) map().holding(again ? null : id, { fit: true });
  }

  function markParty(id) {
    for (const row of plan.querySelectorAll("tr[data-party]")) {
      const here = row.dataset.party === id;
      row.setAttribute("aria-selected", String(here));
      if (here) row.scrollIntoView({ block: "nearest" });
    }
  }

  document.addEventListener("landplan:holding", (event) => markParty(event.detail.party));

  document.addEventListener("landplan:select", (event) => {
    if (form()) toggleOnMap(event.detail.ids);
    else mark(event.detail.ids);
  });

  // --- keys ----------------------------------------------------------------------------------------

  const typing = (element) => element.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return;
    const element = document.activeElement || document.body;
    const here = element === document.body || element.id === "main" || plan.contains(element);
    if (!here || typing(element) || document.querySelector("dialog[open]")) return;
    if (event.code === "Escape") return closePops(element);
    const digit = /^Digit([1-6])$/.exec(event.code);
    if (digit) tab(Number(digit[1]));
    else if (event.code === "KeyJ") step(1);
    else if (event.code === "KeyK") step(-1);
    else return;
    event.preventDefault();
  });

  document.addEventListener("landplan:key", (event) => {
    if (event.detail.action !== "before_after" || document.activeElement.closest(".lp-map")) return;
    const all = [...document.querySelectorAll("input[name=lp-when]")];
    const next = all[(all.findIndex((input) => input.checked) + 1) % all.length];
    if (next) { next.click(); event.preventDefault(); }
  });

  function tab(number) {
    const link = plan.querySelectorAll(".tabs a")[number - 1];
    if (link) { link.focus(); link.click(); }
  }

  /** Go to the next or previous parcel of the list; the map follows. */
  function step(by) {
    const all = rows();
    const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    if (!next) return;
    show(next.dataset.parcel);
    next.querySelector("[data-row]")?.focus({ preventScroll: true });
    window.landplan.announce(next.innerText.replace(/\s+/g, " ").trim());
  }

  // --- explanations in the band -----------------------------------------------------------------

  function closePops(element) {
    const open = plan.querySelector("details.pop[open]");
    if (!open) return;
    open.open = false;
    if (open.contains(element)) open.querySelector("summary").focus();
  }
  document.addEventListener("click", (event) => {
    for (const open of plan.querySelectorAll("details.pop[open]")) if (!open.contains(event.target)) open.open = false;
  });

  // --- changing by hand: a click on the map is the button of the list -------------------------------

  const waiting = []; // what was pressed while the server still judges the last change
  let judging = false;
  const split = (text) => (text ? text.split("\n") : []);

  function toggleOnMap(ids) {
    const before = new Set(chosen);
    const changed = [...ids.filter((id) => !before.has(id)), ...chosen.filter((id) => !ids.includes(id))];
    const clicked = changed.find((id) => ids.includes(id)) || changed[0];
    chosen = ids;
    if (!clicked) return;
    waiting.push({ button: `toggle-${clicked}`, parcel: clicked });
    next();
  }

  function next() {
    if (judging || !waiting.length || !form()) return;
    const { button, parcel } = waiting.shift();
    const found = document.getElementById(button);
    if (found && !found.disabled) return found.click();
    if (found || !parcel) return next();
    document.getElementById("take-in").value = parcel;
    document.getElementById("take-in-button").click();
  }

  plan.addEventListener("click", (event) => {
    const button = judging && event.target.closest("[data-toggle], #undo");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    waiting.push({ button: button.id, parcel: button.id === "undo" ? "" : button.value });
  }, true);

  /** Draw what was taken in and out over the plan. */
  function drawEdit() {
    if (!form() || !map() || !map().ready) return;
    const features = (ids, symbol) => ids.map((id) => map().feature(id)).filter(Boolean)
      .map((one) => ({ ...one, properties: { ...one.properties, symbol } }));
    const { added, removed, wordNew, wordOut } = form().dataset;
    Object.assign(map().config.texts, { "legend.received": wordNew, "legend.given": wordOut });
    map().setLayer("difference", { type: "FeatureCollection", features: [...features(split(added), "received"), ...features(split(removed), "given")] });
  }

  document.addEventListener("landplan:ready", drawEdit);
  document.addEventListener("htmx:beforeRequest", (event) => { judging ||= event.detail.elt === form(); });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!form() || event.detail.target.id !== "side") return;
    judging = false;
    drawEdit();
    next();
  });
  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, () => { judging = false; waiting.length = 0; });
  }
})();

// Comparing: choices show at once, [ and ] change the pair on the map, the basket is the list.
(function () {
  const page = document.getElementById("compare");
  if (!page) return;
  const basket = () => window.landplan.basket.ids();
  if (!page.dataset.ids && basket().length) location.replace(`${location.pathname}?ids=${basket().join(",")}`);
  page.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  page.addEventListener("click", (event) => {
    const gone = event.target.closest("[data-basket-remove]");
    if (gone && window.landplan.basket.has(gone.dataset.basketRemove)) window.landplan.basket.toggle(gone.dataset.basketRemove);
    if (event.target.closest("[data-action=map]")) document.getElementById("difference").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.activeElement.matches("input, textarea, select")) return;
    const by = { BracketLeft: -1, BracketRight: 1 }[event.code];
    const pair = document.getElementById("pair");
    if (!by || !pair) return;
    pair.selectedIndex = (pair.selectedIndex + by + pair.options.length) % pair.options.length;
    pair.form.requestSubmit();
  });
})();
