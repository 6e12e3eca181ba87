// A plan's page: list and map show the same parcel, keys of the plan, changing by hand.
"use strict";

(function () {
  const plan = document.getElementById("plan");
  if (!plan) return;
  const map = () => window.landplan.map;
  const rows = () => [...plan.querySelectorAll("[data-linked] tr[data-parcel]")];
  const rowOf = (id) => rows().find((row) => row.dataset.parcel === id);

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
    map().select([id]);
    map().fit([id]);
  }

  plan.addEventListener("click", (event) => {
    const zoom = event.target.closest("[data-zoom]");
    if (zoom && map()) { map().select(zoom.dataset.zoom.split(",")); map().fit(zoom.dataset.zoom.split(",")); }
    if (event.target.closest("a, [data-toggle], summary, form")) return;
    const row = event.target.closest("[data-linked] tr[data-parcel]");
    if (row) show(row.dataset.parcel);
  });

  document.addEventListener("landplan:select", (event) => {
    if (plan.classList.contains("editing")) return;
    mark(event.detail.ids);
  });

  // --- keys ----------------------------------------------------------------------------------------

  const typing = (element) => element.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return;
    const element = document.activeElement || document.body;
    const here = element === document.body || element.id === "main" || plan.contains(element);
    if (!here || typing(element) || document.querySelector("dialog[open]")) return;
    if (event.code === "Escape") return closePops(element);
    const digit = /^Digit([1-5])$/.exec(event.code);
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
})();
