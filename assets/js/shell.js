// Behaviour of the frame that needs no server: search key, menus, log-out, ended sessions.
(() => {
  "use strict";

  const goTo = (address) => {
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  };

  const here = () => window.location.pathname + window.location.search;

  // A session that ended is noticed by the next callback: lead to the log-in and back to this very address.
  const plainFetch = window.fetch;
  window.fetch = async (...request) => {
    const answer = await plainFetch(...request);
    const address = String(request[0]?.url ?? request[0]);
    if (answer.status === 401 && address.includes("_dash-")) {
      window.location.assign("/login?next=" + encodeURIComponent(here()));
      return new Promise(() => {}); // the page is leaving: nobody is left to read an answer
    }
    return answer;
  };

  const cookie = (name) => {
    const pair = document.cookie.split("; ").find((entry) => entry.startsWith(name + "="));
    return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
  };

  const logOut = () => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/logout";
    const token = document.createElement("input");
    token.type = "hidden";
    token.name = "csrf_token";
    token.value = cookie("_csrf_token");
    form.append(token);
    document.body.append(form);
    form.submit();
  };

  const foldMenu = (open) => {
    const burger = document.querySelector("[data-shell-burger]");
    if (!burger) return;
    burger.setAttribute("aria-expanded", String(open));
    document.getElementById("shell-fold")?.classList.toggle("is-open", open);
  };

  const closeMenus = (except) => {
    document.querySelectorAll("details.shell-drop[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  };

  const isTyping = (element) =>
    element?.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element?.tagName ?? "");

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    if (target.closest("[data-logout]")) return logOut();
    const burger = target.closest("[data-shell-burger]");
    if (burger) return foldMenu(burger.getAttribute("aria-expanded") !== "true");
    const followed = target.closest("a[href]");
    closeMenus(followed ? null : target.closest("details.shell-drop"));
    if (followed) foldMenu(false);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("details.shell-drop[open]");
      closeMenus(null);
      menu?.querySelector("summary")?.focus();
    }
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const search = document.getElementById("shell-search");
    if (!search) return;
    event.preventDefault();
    foldMenu(true);
    search.focus();
    search.select?.();
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("[data-shell-search]")) return;
    event.preventDefault();
    const words = document.getElementById("shell-search").value.trim();
    foldMenu(false);
    goTo("/user_products" + (words ? "?search=" + encodeURIComponent(words) : ""));
  }, true);
})();
