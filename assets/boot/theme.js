// Theme before the first paint: the choice of the person, else that of the system. Light and dark are equal.
(() => {
  "use strict";
  const KEY = "pz-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    try {
      const word = window.localStorage.getItem(KEY);
      return word === "light" || word === "dark" ? word : null;
    } catch {
      return null; // storage may be forbidden; then the system decides
    }
  };

  const apply = () => {
    const theme = chosen() ?? (system.matches ? "dark" : "light");
    document.documentElement.dataset.bsTheme = theme;
    if (document.body) document.body.dataset.agThemeMode = theme;
    const secure = window.location.protocol === "https:" ? "; secure" : "";
    document.cookie = `pz_theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
    document.querySelectorAll("[data-theme-toggle]").forEach((button) => {
      const pressed = String(theme === "dark");
      if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    });
  };

  const toggle = () => {
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      window.localStorage.setItem(KEY, next);
    } catch {
      document.documentElement.dataset.bsTheme = next;
      return;
    }
    apply();
  };

  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-theme-toggle]")) toggle();
  });
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    // The bar is drawn by scripts later on: set its switch when it appears.
    const watcher = new MutationObserver(() => {
      if (!document.querySelector("[data-theme-toggle]")) return;
      watcher.disconnect();
      apply();
    });
    watcher.observe(document.body, { childList: true, subtree: true });
  });
})();
