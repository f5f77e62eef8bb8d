// Cut and view of a product page live in its address: written there without a page load, carried along by the tabs.
(() => {
  "use strict";

  // Parameters of the view, as components/view_bar/view.py reads them.
  const PARAMETERS = ["v", "plots", "bins", "split", "norm", "req"];
  const VERSION = "1";
  let logarithmic = [];

  const written = (address, wanted) => {
    const url = new URL(address, window.location.origin);
    for (const [name, words] of Object.entries(wanted)) {
      if (words) url.searchParams.set(name, words);
      else url.searchParams.delete(name);
    }
    return url.pathname + url.search + url.hash;
  };

  const keep = (cut, view, log, tabs) => {
    logarithmic = log ?? [];
    const wanted = { cut: cut ?? "", log: [...logarithmic].sort().join(",") };
    for (const name of PARAMETERS) wanted[name] = view?.[name] ?? "";
    if (wanted.log) wanted.v = VERSION;
    const here = window.location.pathname + window.location.search + window.location.hash;
    const there = written(here, wanted);
    if (there !== written(here, {})) window.history.replaceState(window.history.state, "", there);
    return tabs.map((address) => written(address, wanted));
  };

  // Where the product is compared, the same rows count.
  const carry = (cut, addresses) => addresses.map((address) => written(address, { cut: cut ?? "" }));

  // A plot was made logarithmic or linear again by its button.
  document.addEventListener("plot-scale", (event) => {
    const { name, isLog } = event.detail;
    const others = logarithmic.filter((one) => one !== name);
    window.pzserver.tell("product-log", { data: isLog ? [...others, name] : others });
  });

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy-address]") : null;
    if (!button) return;
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(window.location.href);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Copy it from the address bar";
    }
    window.setTimeout(() => (button.textContent = words), 2000);
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { address: { keep, carry } });
})();
