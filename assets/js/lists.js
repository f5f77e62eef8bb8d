// Product lists without a page load: search form, folding filters on a phone, addresses to share.
(() => {
  "use strict";

  const CONFIRM_MS = 1600;
  const GIVE_UP_MS = 10000;

  const goTo = (address) => {
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  };

  const addressOf = (form) => {
    const filled = [...new FormData(form)].filter(([, value]) => String(value).trim() !== "");
    const query = new URLSearchParams(filled).toString();
    return new URL(form.action).pathname + (query ? "?" + query : "");
  };

  // Without a secure origin there is no clipboard: show the address instead.
  const share = async (button) => {
    const url = new URL(button.dataset.share, window.location.href).href;
    const word = button.firstChild;
    const before = word.textContent;
    try {
      await navigator.clipboard.writeText(url);
      word.textContent = "Copied";
      setTimeout(() => { word.textContent = before; }, CONFIRM_MS);
    } catch {
      window.prompt("Address of the product:", url);
    }
  };

  // The next list is another element (its key is its address), so the mark goes away with the old one.
  const leave = () => {
    const list = document.querySelector(".list-page");
    list?.classList.add("is-leaving");
    setTimeout(() => list?.classList.remove("is-leaving"), GIVE_UP_MS);
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("[data-list-form]")) return;
    event.preventDefault();
    leave();
    goTo(addressOf(event.target));
  }, true);

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const sharer = target?.closest("[data-share]");
    if (sharer) return void share(sharer);
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
    if (isPlain && target?.closest(".facet-choice, .facet-reset, .sort-link, a.page-step")) return leave();
    const fold = target?.closest("[data-fold]");
    if (!fold) return;
    const open = fold.getAttribute("aria-expanded") !== "true";
    fold.setAttribute("aria-expanded", String(open));
    document.getElementById(fold.getAttribute("aria-controls"))?.classList.toggle("is-open", open);
  });
})();
