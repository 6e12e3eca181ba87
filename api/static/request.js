// The request form: the ledger's answer is the truth; locks by click, box and key go into the lists.
"use strict";
(function () {
  const form = document.getElementById("request");
  const words = JSON.parse(document.getElementById("request-words").textContent);
  const side = document.querySelector(".side");
  const MOST_UNDO = 50;
  const SHOWN_IDS = 3;
  const done = []; // what Ctrl+Z takes back: [{path: text before}]
  let selected = [];
  let unsaved = false;
  let leaving = false;

  const field = (path) => form.elements.namedItem(path);
  const entries = (text) => text.split(/[\n\r\t,，、;；]+/).map((entry) => entry.trim()).filter(Boolean);
  const changed = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));

  // --- the server's answer --------------------------------------------------------------------

  document.addEventListener("htmx:afterSwap", (event) => {
    const state = document.getElementById("request-state");
    if (event.target.id !== "ledger" || !state) return;
    const said = JSON.parse(state.textContent);
    document.getElementById("revision").value = said.revision;
    unsaved = false;
    for (const [path, text] of Object.entries(said.fields)) put(path, text);
    for (const slot of form.querySelectorAll("[data-fault]")) fault(slot, said.faults[slot.dataset.fault]);
    for (const slot of form.querySelectorAll("[data-echo]")) {
      const input = field(slot.dataset.echo);
      const typed = !input || input.tagName === "TEXTAREA" || input.value !== input.dataset.default;
      slot.textContent = typed ? said.echoes[slot.dataset.echo] || "" : "";
    }
    settle(said.faults);
    document.getElementById("draft-state").textContent = said.saved;
    window.landplan.map?.setLocks(said.locks);
    if (said.demands !== form.querySelectorAll(".demand").length) location.reload();
  });

  /** Show a text that the server has changed: in a line, a list, or as ticked boxes. */
  function put(path, text) {
    const input = field(path);
    if (!input) return;
    if (input instanceof RadioNodeList || input.type === "checkbox") {
      const ticked = entries(text);
      for (const box of input instanceof RadioNodeList ? input : [input])
        if (box.type === "checkbox") box.checked = ticked.includes(box.value);
    } else input.value = text;
  }

  function fault(slot, text) {
    slot.textContent = text || "";
    slot.hidden = !text;
    const input = document.getElementById(slot.dataset.fault);
    if (text) input?.setAttribute("aria-invalid", "true"); else input?.removeAttribute("aria-invalid");
  }

  /** Take what is put right off the summary. */
  function settle(faults) {
    const summary = document.getElementById("summary");
    for (const line of summary?.querySelectorAll("li") || []) {
      const path = line.querySelector("a").hash.slice(1);
      const input = document.getElementById(path);
      if (input?.value && !faults[path]) line.remove();
    }
    if (summary && !summary.querySelector("li")) summary.remove();
  }

  form.addEventListener("input", (event) => {
    unsaved = true;
    const mark = form.querySelector(`[data-default-mark="${event.target.name}"]`);
    if (mark) mark.hidden = event.target.value !== "" && event.target.value !== event.target.dataset.default;
  });

  /** Save what is typed before the page is left for another language or by a link. */
  async function flush() {
    if (!unsaved) return;
    unsaved = false;
    const body = new URLSearchParams(new FormData(form));
    await fetch(form.getAttribute("hx-post"), { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } });
  }
  document.addEventListener("submit", async (event) => {
    if (event.target === form) return send(event);
    if (!unsaved) return;
    event.preventDefault();
    const { target, submitter } = event;
    await flush();
    target.requestSubmit(submitter);
  });
  window.addEventListener("pagehide", () => { flush(); });

  /** Send the form after a save that is on its way, whose answer brings the revision to send; none follows it. */
  function send(event) {
    if (form.classList.contains("htmx-request")) {
      const { submitter } = event;
      event.preventDefault();
      document.addEventListener("htmx:afterRequest", () => form.requestSubmit(submitter), { once: true });
      return;
    }
    unsaved = false;
    leaving = true;
  }
  document.addEventListener("htmx:beforeRequest", (event) => { if (leaving) event.preventDefault(); });
  window.addEventListener("pageshow", () => { leaving = false; });

  // --- locks: one way in for buttons, keys, clicks and boxes ---------------------------------------

  const place = () => document.getElementById("lock-demand")?.value || "0";

  function lock(state, ids) {
    if (!ids.length) return false;
    const paths = { must: `demand.${place()}.must`, never: `demand.${place()}.never` };
    const before = {};
    for (const [key, path] of Object.entries(paths)) {
      const input = field(path);
      const kept = entries(input.value).filter((id) => !ids.includes(id));
      before[path] = input.value;
      input.value = (key === state ? [...kept, ...ids] : kept).join("\n");
      input.closest("details").open = true;
    }
    done.push(before);
    if (done.length > MOST_UNDO) done.shift();
    changed(field(paths.must));
    const named = ids.length <= SHOWN_IDS ? ids.join(", ") : words.many.replace("{n}", ids.length);
    const text = words[state || "free"].replace("{ids}", named);
    window.landplan.toast(text, { label: words.undo, run: undo });
    window.landplan.announce(text);
    return true;
  }

  function undo() {
    const before = done.pop();
    if (!before) return false;
    for (const [path, text] of Object.entries(before)) field(path).value = text;
    changed(field(Object.keys(before)[0]));
    window.landplan.toast(words.undone);
    return true;
  }

  for (const button of document.querySelectorAll("[data-lock]"))
    button.addEventListener("click", () => lock(button.dataset.lock, selected));
  document.addEventListener("landplan:key", (event) => {
    if (event.detail.action === "undo" && undo()) event.preventDefault();
  });
  for (const kind of ["landplan:select", "landplan:box"])
    document.addEventListener(kind, (event) => {
      selected = event.detail.ids;
      const told = document.getElementById("lock-selected");
      if (told) told.textContent =
        selected.length ? words.selected.replace("{n}", selected.length) : words.select;
      for (const button of document.querySelectorAll("[data-lock]")) button.disabled = !selected.length;
    });

  // --- the rest ---------------------------------------------------------------------------------

  for (const tab of document.querySelectorAll("[data-side]"))
    tab.addEventListener("click", () => {
      side.dataset.shown = tab.dataset.side;
      for (const other of document.querySelectorAll("[data-side]")) other.setAttribute("aria-pressed", String(other === tab));
      window.landplan.map?.leaflet.invalidateSize({ animate: false }); // it has a size only now
      if (tab.dataset.side === "map" && !tab.dataset.seen) window.landplan.map?.fit();
      tab.dataset.seen = "true";
    });
  document.getElementById("summary")?.focus();
  document.addEventListener("landplan:ready", () => {
    window.landplan.map.leaflet.invalidateSize({ animate: false });
    window.landplan.map.fit();
    if (window.innerHeight < 700) document.querySelector(".lp-legend").open = false;
  });
})();
