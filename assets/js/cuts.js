// The cut of a product page lives in its address: written there without a page load, carried along by the tabs.
(() => {
  "use strict";

  const withCut = (address, cut) => {
    const url = new URL(address, window.location.origin);
    if (cut) url.searchParams.set("cut", cut);
    else url.searchParams.delete("cut");
    return url.pathname + url.search + url.hash;
  };

  const keep = (cut, tabs) => {
    const here = window.location.pathname + window.location.search + window.location.hash;
    const wanted = new URL(here, window.location.origin).searchParams.get("cut") ?? "";
    if (wanted !== (cut ?? "")) window.history.replaceState(window.history.state, "", withCut(here, cut));
    return tabs.map((address) => withCut(address, cut));
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { cuts: { keep } });

  // A removed chip takes its focus along: the counts are what people look at next. (Not the field: the key that
  // removed the chip is still down, and coming up there it would apply the old words once more.)
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-cut-remove]")) document.getElementById("cut-counts")?.focus();
  });
})();
