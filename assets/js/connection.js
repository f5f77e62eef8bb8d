// A server that does not answer is said in a banner, and so is that it is back. Nothing is sent again by itself: what was
// asked may have been carried out. The view is in the address, so loading the page again gives everything back.
(() => {
  "use strict";

  const PROBE_MS = 2000;
  const DOWN = [502, 503, 504]; // a proxy answers for a server that is gone
  const LOST = "The server does not answer. What you did last may not have been carried out.";
  const BACK = "The server answers again. Load the page again; your view is kept.";

  let banner = null;

  const say = (words, isBack) => {
    banner ??= document.body.appendChild(document.createElement("div"));
    banner.className = "connection-banner" + (isBack ? " is-back" : "");
    banner.setAttribute("role", "alert");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-outline-primary";
    button.textContent = isBack ? "Load again" : "Try now";
    button.addEventListener("click", () => (isBack ? window.location.reload() : probe()));
    banner.replaceChildren(words, " ", button);
  };

  const plainFetch = window.fetch;

  const isUp = async () => {
    try {
      return (await plainFetch("/healthz", { cache: "no-store" })).ok;
    } catch {
      return false;
    }
  };

  let timer = 0;
  const probe = async () => {
    window.clearTimeout(timer);
    if (await isUp()) say(BACK, true);
    else timer = window.setTimeout(probe, PROBE_MS);
  };

  const lost = () => {
    say(LOST, false);
    window.clearTimeout(timer);
    timer = window.setTimeout(probe, PROBE_MS);
  };

  let isLeaving = false; // requests are cut off when a page is left
  window.addEventListener("pagehide", () => (isLeaving = true));
  window.addEventListener("beforeunload", () => (isLeaving = true));
  window.addEventListener("pageshow", () => (isLeaving = false));

  window.fetch = async (...request) => {
    const isOurs = String(request[0]?.url ?? request[0]).includes("_dash-");
    try {
      const answer = await plainFetch(...request);
      if (isOurs && DOWN.includes(answer.status)) lost();
      return answer;
    } catch (error) {
      if (isOurs && !isLeaving && error.name !== "AbortError") lost();
      throw error;
    }
  };
})();
