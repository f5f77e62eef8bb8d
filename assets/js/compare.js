// A comparison lives in its address; what is ticked in lists is kept until the tab is closed, over pages and filters.
(() => {
  "use strict";

  const KEY = "pz-compare";

  const keep = (view, opened) => {
    if (window.location.pathname.replace(/\/$/, "") !== "/compare") return window.dash_clientside.no_update;
    const coverage = opened?.length ? { coverage: opened.join(",") } : {};
    const query = new URLSearchParams({ ...view, ...coverage }).toString().replaceAll("%2C", ",");
    const address = window.location.pathname + (query ? "?" + query : "") + window.location.hash;
    const here = window.location.pathname + window.location.search + window.location.hash;
    if (address !== here) window.history.replaceState(window.history.state, "", address);
    return window.dash_clientside.no_update;
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { compare: { keep } });

  // Coverage is computed once its fold is open; which ones are is part of the address. A fold that was drawn again waits
  // under a new number, and is asked for again.
  const fill = (fold) => {
    const waiting = fold.querySelector("[data-compare-waiting]");
    if (!waiting || waiting.dataset.asked === waiting.dataset.compareWaiting) return;
    const id = { type: "compare-coverage-asked", index: fold.dataset.compareFold };
    if (window.pzserver.tell(id, { data: Date.now() })) waiting.dataset.asked = waiting.dataset.compareWaiting;
    else window.requestAnimationFrame(() => fold.isConnected && fold.open && fill(fold));
  };

  let told = "";

  const follow = () => {
    const folds = [...document.querySelectorAll("[data-compare-fold]")];
    if (!folds.length) return;
    const open = folds.filter((fold) => fold.open);
    open.forEach(fill);
    const names = open.map((fold) => fold.dataset.compareFold);
    if (names.join() === told) return;
    if (window.pzserver.tell("compare-opened", { data: names })) told = names.join();
  };

  document.addEventListener("toggle", follow, true);

  // Ticked products, oldest first: [internal name, display name].
  const ticked = () => {
    try {
      return JSON.parse(window.sessionStorage.getItem(KEY)) ?? [];
    } catch {
      return [];
    }
  };

  const save = (chosen) => {
    window.sessionStorage.setItem(KEY, JSON.stringify(chosen));
    show();
  };

  const hintFor = (bar, chosen, hint) => {
    const [fewest, most] = [Number(bar.dataset.compareFewest), Number(bar.dataset.compareMost)];
    if (!chosen.length) return hint;
    const names = chosen.map(([, name]) => name).join(" · ");
    if (chosen.length < fewest) return `${names} – tick one more.`;
    return chosen.length > most ? `${names} – at most ${most} at once, untick some.` : names;
  };

  const show = () => {
    const chosen = ticked();
    const names = new Set(chosen.map(([name]) => name));
    for (const box of document.querySelectorAll("[data-compare-tick]")) {
      const checked = String(names.has(box.dataset.compareTick));
      if (box.getAttribute("aria-checked") !== checked) box.setAttribute("aria-checked", checked);
    }
    for (const bar of document.querySelectorAll(".compare-ticked")) {
      const [fewest, most] = [Number(bar.dataset.compareFewest), Number(bar.dataset.compareMost)];
      const go = bar.querySelector("[data-compare-go]");
      const hint = bar.querySelector("[data-compare-hint]");
      const words = chosen.length ? `Compare (${chosen.length})` : "Compare";
      if (go.textContent !== words) go.textContent = words;
      go.disabled = chosen.length < fewest || chosen.length > most;
      const told = hintFor(bar, chosen, hint.dataset.compareHint);
      if (hint.textContent !== told) hint.textContent = told;
      bar.classList.toggle("has-ticks", chosen.length > 0);
    }
  };

  const tick = (box) => {
    const name = box.dataset.compareTick;
    const others = ticked().filter(([other]) => other !== name);
    const wasTicked = box.getAttribute("aria-checked") === "true";
    save(wasTicked ? others : [...others, [name, box.dataset.compareName]]);
  };

  const compare = () => {
    const products = ticked().map(([name]) => encodeURIComponent(name)).join(",");
    window.history.pushState({}, "", `/compare?v=1&products=${products}`);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const box = target?.closest("[data-compare-tick]");
    if (box) return tick(box);
    if (target?.closest("[data-compare-go]")) return compare();
    if (target?.closest("[data-compare-clear]")) save([]);
  });

  new MutationObserver((changes) => {
    if (changes.some(({ addedNodes }) => addedNodes.length)) show();
    follow();
  }).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributeFilter: ["data-compare-waiting"],
  });
})();
