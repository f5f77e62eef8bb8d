// Details are computed when their card comes into view, and again after the cut has changed.
(() => {
  "use strict";

  const AHEAD = "400px";
  const visible = new Set();
  let version = 0;

  const ask = (place) => {
    if (place.dataset.asked === String(version)) return;
    const asked = window.pzserver.tell({ type: "explore-looked", index: place.dataset.detail }, { data: version });
    if (asked) place.dataset.asked = String(version);
    else if (place.isConnected) window.requestAnimationFrame(() => ask(place));
  };

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) visible.delete(target);
        else {
          visible.add(target);
          ask(target);
        }
      }
    },
    { rootMargin: AHEAD },
  );

  const refresh = () => {
    version = Math.max(version + 1, Date.now());
    visible.forEach((place) => place.isConnected || visible.delete(place));
    // The cards may not be drawn yet when the page is told that they are there.
    window.requestAnimationFrame(() => {
      document.querySelectorAll("[data-detail]").forEach((place) => observer.observe(place));
      visible.forEach(ask);
    });
    return window.dash_clientside.no_update;
  };

  // All of them at once, for those who want the whole view.
  const askAll = () => document.querySelectorAll("[data-detail]").forEach(ask);

  window.dash_clientside = Object.assign({}, window.dash_clientside, { details: { refresh, askAll } });
})();
