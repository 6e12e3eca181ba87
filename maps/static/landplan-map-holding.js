// One owner's land in an exchange: outlined where the mouse is, and, once chosen, what is kept, given
// and received, with lines from the middle of what is given to every parcel received.
(function () {
  "use strict";
  const landplan = (window.landplan = window.landplan || {});
  const MOST_LINES = 300;

  landplan.holding = function ({ parcels, symbols, renderer, group, before, changed, marked }) {
    const { draw, boundsOf } = landplan.layers;
    let chosen = null;
    let hovered = null;

    const features = () => [...parcels.values()].map((path) => path.feature);
    const partyOf = (values) => (before() ? values.party_before : values.party_after);
    const fate = (values, party) =>
      values.party_before === party ? (values.party_after === party ? "kept" : "given") : values.party_after === party ? "received" : null;
    const middle = (ones) => boundsOf(ones).getCenter();
    const add = (layer) => group.addLayer(layer);

    function lines(own) {
      if (!own.received.length) return;
      const left = own.given.length ? own.given : own.kept;
      if (!left.length) return;
      const from = L.latLng(left.reduce((sum, one) => { const at = middle([one]); return [sum[0] + at.lat / left.length, sum[1] + at.lng / left.length]; }, [0, 0]));
      const base = { renderer, pane: renderer.options.pane, interactive: false, fill: false };
      for (const one of own.received.slice(0, MOST_LINES)) {
        const to = middle([one]);
        for (const [color, weight] of [[symbols.selected.casing, 5], [symbols.selected.stroke, 2]]) add(L.polyline([from, to], Object.assign({ color, weight }, base)));
        add(L.circleMarker(to, Object.assign({ radius: 5, color: symbols.selected.stroke, weight: 2 }, base, { fill: true, fillColor: symbols.selected.casing, fillOpacity: 1 })));
      }
    }

    function redraw() {
      group.clearLayers();
      marked(chosen, hovered);
      if (chosen !== null) {
        const own = { kept: [], given: [], received: [] };
        for (const one of features()) {
          const what = fate(one.properties, chosen);
          if (what) own[what].push(one);
        }
        for (const what of Object.keys(own)) for (const one of own[what]) draw(one, symbols[what], renderer).forEach(add);
        lines(own);
      }
      if (hovered === null || hovered === chosen) return;
      for (const one of features()) if (partyOf(one.properties) === hovered) draw(one, symbols.selected, renderer).forEach(add);
    }

    function hoverParty(party) {
      if (party === hovered) return;
      hovered = party;
      redraw();
    }

    return {
      redraw,
      chosen: () => chosen,
      drawn: () => chosen === null ? [] : [...new Set(features().map((one) => fate(one.properties, chosen)).filter(Boolean))],
      own: (party) => features().filter((one) => fate(one.properties, party)),
      choose(party) {
        chosen = party;
        redraw();
        changed(party);
      },
      hover(feature) {
        hoverParty(feature ? partyOf(feature.properties) || null : null);
      },
      hoverParty,
      partyOf,
    };
  };
})();
