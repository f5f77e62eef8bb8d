// A comparison lives in its address: written there without a page load.
(() => {
  "use strict";

  const keep = (view) => {
    if (window.location.pathname.replace(/\/$/, "") !== "/compare") return window.dash_clientside.no_update;
    const query = new URLSearchParams(view).toString().replaceAll("%2C", ",");
    const address = window.location.pathname + (query ? "?" + query : "") + window.location.hash;
    const here = window.location.pathname + window.location.search + window.location.hash;
    if (address !== here) window.history.replaceState(window.history.state, "", address);
    return window.dash_clientside.no_update;
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { compare: { keep } });
})();
