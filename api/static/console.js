// What every page shares: announcements, toasts, focus after a swap, keys and their help.
"use strict";
window.landplan = window.landplan || {};
landplan.announce = (text) => { document.getElementById("live").textContent = text; };
landplan.toast = (text) => {
  const box = document.createElement("div");
  box.textContent = text;
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), 6000);
};
