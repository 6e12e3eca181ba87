// The town's map: what is chosen shows its sheet, and can start a request.
"use strict";
(function () {
  const town = document.querySelector(".town");
  const chosenLine = document.getElementById("town-chosen");
  const start = document.getElementById("town-start");
  const clear = document.getElementById("town-clear");
  const sheet = document.getElementById("sheet");
  let shown = town.dataset.chosen;

  async function show(id) {
    if (id === shown) return;
    shown = id;
    sheet.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(town.dataset.sheet + encodeURIComponent(id), { headers: { accept: "text/html" } });
      if (shown === id) sheet.innerHTML = await answer.text(); // escaped by the server's template
    } catch {
      landplan.toast(document.body.dataset.failed);
    } finally {
      sheet.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("landplan:select", (event) => {
    const { ids } = event.detail;
    const map = landplan.map;
    const area = ids.map((id) => map.feature(id)).filter(Boolean).reduce((sum, one) => sum + (one.properties.area_m2 || 0), 0);
    chosenLine.textContent = ids.length ? `${map.count("parcel", ids.length)} · ${map.area(area)}` : chosenLine.dataset.none;
    clear.disabled = !ids.length;
    if (start) {
      start.elements.select.value = ids.join("\n");
      start.querySelector("button").disabled = !ids.length;
    }
    if (ids.length) show(ids[ids.length - 1]);
  });
  clear.addEventListener("click", () => landplan.map.select([]));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-parcel]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    landplan.map.select([link.dataset.parcel]);
    landplan.map.fit([link.dataset.parcel]);
  });
  document.querySelector("[data-goto]")?.addEventListener("change", (event) => {
    location.href = event.target.dataset.goto + event.target.value;
  });
  document.addEventListener("landplan:ready", () => {
    landplan.map.leaflet.invalidateSize({ animate: false });
    landplan.map.fit();
    const found = JSON.parse(town.dataset.found || "[]");
    if (town.dataset.chosen) {
      landplan.map.select([town.dataset.chosen]);
      landplan.map.fit([town.dataset.chosen]);
    } else if (found.length) {
      landplan.map.select(found);
      landplan.map.fit(found);
    }
  });
})();
