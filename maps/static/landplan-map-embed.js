// The map in somebody else's page: selections by postMessage, only from and to listed origins.
//   in   {type: "landplan:select", site: "A-1"} or {type: "landplan:select", parcel: "310-5"}
//   out  {type: "landplan:select", site: "A-1" or null, parcels: ["310-5"]}
(function () {
  "use strict";
  const landplan = (window.landplan = window.landplan || {});

  function parentOrigin() {
    if (window.parent === window) return null;
    if (location.ancestorOrigins && location.ancestorOrigins.length) return location.ancestorOrigins[0];
    try {
      return new URL(document.referrer).origin;
    } catch {
      return null;
    }
  }

  landplan.embed = {
    start(map) {
      const listed = map.config.parentOrigins;
      if (!listed.length) return;
      const origin = parentOrigin();
      window.addEventListener("message", (event) => {
        const message = event.data;
        if (!listed.includes(event.origin) || event.source !== window.parent) return;
        if (!message || typeof message !== "object" || message.type !== "landplan:select") return;
        const id = typeof message.site === "string" ? message.site : message.parcel;
        if (typeof id !== "string") return map.select([], { quiet: true });
        if (typeof message.site === "string") map.selectSite(id, { quiet: true });
        else map.select([id], { quiet: true });
        map.fit([id]);
      });
      if (!listed.includes(origin)) return;
      document.addEventListener("landplan:select", (event) => {
        const { ids, site } = event.detail;
        window.parent.postMessage({ type: "landplan:select", site: site, parcels: ids }, origin);
      });
    },
  };
})();
