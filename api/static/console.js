// What every page shares: announcements, toasts, keys and their help, focus after a swap, basket.
"use strict";
window.landplan = window.landplan || {};

(function () {
  const MOST_IN_BASKET = 4;
  const BASKET = "landplan.basket";
  const SEQUENCE_MS = 1200;
  const prefix = () => document.body.dataset.prefix || "";

  // --- announcements and toasts --------------------------------------------------------------

  landplan.announce = (text) => {
    const live = document.getElementById("live");
    if (live.textContent !== text) live.textContent = text;
  };

  /** Show a short message; `action` = {label, run} adds a button to it. */
  landplan.toast = (text, action) => {
    const box = document.createElement("div");
    box.append(text);
    if (action) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = action.label;
      button.addEventListener("click", () => { box.remove(); action.run(); });
      box.append(" ", button);
    }
    document.getElementById("toasts").replaceChildren(box);
    setTimeout(() => box.remove(), action ? 10000 : 6000);
    return box;
  };

  // --- keys: one table, printed by the same table ---------------------------------------------

  const table = JSON.parse(document.getElementById("keys")?.textContent || "[]");
  let started = null; // the first key of a sequence such as "g d"

  const typing = (element) =>
    element.isContentEditable ||
    element.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])");

  const pressed = (event) =>
    (event.ctrlKey ? "Ctrl+" : "") + (event.shiftKey ? "Shift+" : "") + event.code;

  /** Whether a key of this place acts where the focus is. */
  function acts(where, element) {
    if (where === "everywhere" || where === "request") return where === "everywhere" || document.querySelector("[data-keys~=request]");
    if (element.closest(`[data-keys~="${where}"]`)) return true;
    const nowhere = element === document.body || element.id === "main";
    const first = nowhere && document.querySelector("main [data-keys]");
    return Boolean(first && first.matches(`[data-keys~="${where}"]`));
  }

  function find(code, element) {
    const sequence = started && performance.now() - started.at < SEQUENCE_MS ? `${started.code} ${code}` : null;
    const fits = (wanted) => table.find((key) => key.code === wanted && acts(key.where, element));
    return (sequence && fits(sequence)) || fits(code);
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.altKey || event.metaKey) return;
    if (document.querySelector("dialog[open]")) return;
    const element = document.activeElement || document.body;
    const code = event.key === "?" ? "Shift+Slash" : event.key === "/" ? "Slash" : pressed(event);
    const inField = typing(element);
    if (inField && !(event.ctrlKey && event.code === "Enter")) return;
    const key = find(code, element);
    const begins = table.some((entry) => entry.code.startsWith(`${code} `));
    started = begins ? { code, at: performance.now() } : null;
    if (key && run(key.action, event)) event.preventDefault();
  });

  /** Do what a key means: a button that carries the action, else whoever listens. */
  function run(action, event) {
    const own = actions[action];
    if (own) return own(event) !== false;
    const button = [...document.querySelectorAll(`[data-action~="${action}"]`)].find((element) => element.offsetParent);
    if (button) { button.click(); return true; }
    const heard = new CustomEvent("landplan:key", { detail: { action }, cancelable: true });
    return !document.dispatchEvent(heard);
  }

  const go = (path) => { location.href = prefix() + path; };
  const actions = {
    "help": () => document.getElementById("key-help").showModal(),
    "find": () => {
      const field = [...document.querySelectorAll("[data-search]")].find((element) => element.offsetParent);
      if (field) { field.focus(); field.select(); } else document.getElementById("find-dialog").showModal();
    },
    "go.desk": () => go("/"),
    "go.map": () => go("/map"),
    "go.compare": () => { location.href = document.querySelector("[data-basket]").href; },
    "row.next": () => walk(1),
    "row.previous": () => walk(-1),
    "basket": () => {
      const row = document.activeElement.closest("[data-proposal]");
      return row ? landplan.basket.toggle(row.dataset.proposal) : false;
    },
  };

  /** Move the focus to the next row's link; lists mark the link of a row with data-row. */
  function walk(step) {
    const links = [...document.querySelectorAll("[data-keys~=list] [data-row]")].filter((link) => link.offsetParent);
    const at = links.indexOf(document.activeElement);
    const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step];
    if (!next) return false;
    next.focus();
    return true;
  }

  // --- the compare basket -----------------------------------------------------------------------

  landplan.basket = {
    ids() {
      try {
        const kept = JSON.parse(localStorage.getItem(BASKET) || "[]");
        return Array.isArray(kept) ? kept.filter((id) => /^[0-9a-f]{12}$/.test(id)) : [];
      } catch { return []; }
    },
    has(id) { return this.ids().includes(id); },
    toggle(id) {
      const ids = this.ids();
      const kept = ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];
      const words = document.querySelector("[data-basket]").dataset;
      if (kept.length > MOST_IN_BASKET) { landplan.toast(words.full); return true; }
      localStorage.setItem(BASKET, JSON.stringify(kept));
      landplan.toast(ids.includes(id) ? words.removed : words.added);
      document.dispatchEvent(new CustomEvent("landplan:basket", { detail: { ids: kept } }));
      return true;
    },
  };

  function showBasket() {
    const ids = landplan.basket.ids();
    for (const link of document.querySelectorAll("[data-basket]")) {
      link.querySelector(".pill")?.remove();
      link.href = `${prefix()}/compare${ids.length ? `?ids=${ids.join(",")}` : ""}`;
      if (!ids.length) continue;
      const pill = document.createElement("span");
      pill.className = "pill";
      pill.textContent = String(ids.length);
      link.append(" ", pill);
    }
    for (const button of document.querySelectorAll("[data-basket-toggle]"))
      button.setAttribute("aria-pressed", String(ids.includes(button.dataset.basketToggle)));
  }
  document.addEventListener("landplan:basket", showBasket);
  window.addEventListener("storage", (event) => { if (event.key === BASKET) showBasket(); });

  // --- swaps: what is loading says so, and the focus is never lost --------------------------------

  let focused = null;
  document.addEventListener("htmx:beforeRequest", (event) => event.detail.target?.setAttribute("aria-busy", "true"));
  document.addEventListener("htmx:afterRequest", (event) => {
    event.detail.target?.removeAttribute("aria-busy");
    if (event.detail.failed && event.detail.xhr.status) landplan.toast(sentence(event.detail.xhr));
  });
  document.addEventListener("htmx:beforeSwap", () => { focused = document.activeElement; });
  document.addEventListener("htmx:afterSettle", (event) => {
    showBasket();
    if (!focused || focused === document.body || document.activeElement !== document.body) return;
    const again = focused.id && document.getElementById(focused.id);
    const heading = event.detail.target.querySelector("h1, h2, h3") || event.detail.target;
    const next = again || heading;
    if (!again && !next.hasAttribute("tabindex")) next.tabIndex = -1;
    next.focus({ preventScroll: true });
  });

  // a page that refreshes itself speaks only when the phase changes, never at every tick
  let phase = null;
  document.addEventListener("htmx:afterSwap", (event) => {
    const now = event.target.matches?.("[data-phase-live]") && event.target.querySelector("[data-phase]");
    if (!now || now.dataset.phaseKey === phase) return;
    if (phase !== null) landplan.announce(now.dataset.phase);
    phase = now.dataset.phaseKey;
  });

  /** The sentence of a refusal: a problem document, or nothing but the status. */
  function sentence(xhr) {
    try { return JSON.parse(xhr.responseText).detail; } catch { return document.body.dataset.failed || String(xhr.status); }
  }

  // --- small things of every page -----------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-basket-toggle]");
    if (toggle) landplan.basket.toggle(toggle.dataset.basketToggle);
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    if (event.target.closest("[data-keys-help]")) actions.help();
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    const caps = document.querySelector("[data-caps]");
    if (caps && event.getModifierState) caps.hidden = !event.getModifierState("CapsLock");
  });
  // what takes a while says so; a role that is changed shows its own questions
  document.addEventListener("submit", (event) => {
    const { busy } = event.target.dataset;
    if (busy && !event.defaultPrevented) landplan.toast(busy);
  });
  document.addEventListener("change", (event) => {
    const { target } = event;
    if (!target.matches("[data-update]")) return;
    target.form.action = `${target.form.action.split("#")[0]}#${target.closest("fieldset").id}`;
    target.form.requestSubmit(target.nextElementSibling);
  });
  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (!copy) return;
    navigator.clipboard?.writeText(document.getElementById(copy.dataset.copy).textContent);
    landplan.toast(copy.dataset.copied);
  });
  // what was chosen before this script came keeps its button
  for (const one of document.querySelectorAll("select[data-update]")) {
    const before = [...one.options].findIndex((option) => option.defaultSelected);
    one.toggleAttribute("data-chosen", one.selectedIndex !== Math.max(before, 0));
  }
  document.documentElement.classList.add("has-js");
  document.getElementById("summary")?.focus();
  showBasket();
})();
