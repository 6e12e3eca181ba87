// Numbers and counts in the language of the map, rounded as landplan.messages.numbers rounds them.
(function () {
  "use strict";
  const landplan = (window.landplan = window.landplan || {});

  landplan.fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));

  landplan.words = function (config) {
    const texts = config.texts;
    const fill = landplan.fill;
    // Rounds a decimal number exactly, half away from zero, as landplan.messages.numbers does.
    function fixed(value, factor, shift, places) {
      const [whole, fraction = ""] = String(value).split(".");
      const scale = fraction.length + shift;
      let number = BigInt(whole + fraction) * BigInt(factor) * 10n ** BigInt(places);
      const unit = 10n ** BigInt(scale);
      number = (2n * number + unit) / (2n * unit);
      const digits = number.toString().padStart(places + 1, "0");
      const cut = digits.length - places;
      const grouped = digits.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, ",");
      return places ? grouped + "." + digits.slice(cut) : grouped;
    }
    const number = (text) => Number(text.replace(/,/g, ""));
    function area(m2) {
      if (m2 === undefined || m2 === null) return "—";
      const zh = config.language === "zh";
      const m2Text = String(Math.round(m2 * 1e4) / 1e4);
      if (m2 > 0 && m2 < 100) return fixed(m2Text, 1, 0, 0) + (zh ? "平方米" : " m²");
      const ha = fixed(m2Text, 1, 4, number(fixed(m2Text, 1, 4, 2)) < 10 ? 2 : 1);
      const mu = fixed(m2Text, 15, 4, number(fixed(m2Text, 15, 4, 1)) < 100 ? 1 : 0);
      return zh ? ha + "公顷（" + mu + "亩）" : ha + " ha (" + mu + " mu)";
    }
    const hectares = (m2) => {
      const text = String(Math.round(m2 * 1e4) / 1e4);
      return fixed(text, 1, 4, number(fixed(text, 1, 4, 2)) < 10 ? 2 : 1) + (config.language === "zh" ? "公顷" : " ha");
    };
    const count = (thing, n) => fill(texts["count." + thing + (n === 1 ? ".one" : ".many")], { n: n, shown: fixed(String(n), 1, 0, 0) });
    return { area, hectares, count };
  };
})();
