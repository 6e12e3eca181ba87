// A box drawn on the map: with Shift held, or while boxing() says so.
(function () {
  "use strict";
  const landplan = (window.landplan = window.landplan || {});

  landplan.onBox = function (map, boxing, done) {
    const container = map.getContainer();
    container.addEventListener("pointerdown", (event) => {
      if (!(event.shiftKey || boxing()) || event.button !== 0 || event.target.closest("button, a")) return;
      event.preventDefault();
      map.dragging.disable();
      const start = map.mouseEventToContainerPoint(event);
      const frame = document.createElement("div");
      frame.className = "lp-box";
      container.appendChild(frame);
      const move = (now) => {
        const point = map.mouseEventToContainerPoint(now);
        Object.assign(frame.style, {
          left: Math.min(start.x, point.x) + "px", top: Math.min(start.y, point.y) + "px",
          width: Math.abs(point.x - start.x) + "px", height: Math.abs(point.y - start.y) + "px",
        });
      };
      const end = () => {
        for (const name of ["pointermove", "pointerup", "pointercancel"]) document.removeEventListener(name, acts[name]);
        frame.remove();
        map.dragging.enable();
      };
      const stop = (now) => {
        end();
        const corner = map.mouseEventToContainerPoint(now);
        if (start.distanceTo(corner) < 4) return;
        done(L.latLngBounds(map.containerPointToLatLng(start), map.containerPointToLatLng(corner)), now.ctrlKey);
      };
      const acts = { pointermove: move, pointerup: stop, pointercancel: end };
      for (const name of Object.keys(acts)) document.addEventListener(name, acts[name]);
    }, true);
  };
})();
