// The cut bar: what needs no server.
(() => {
  "use strict";

  // Cuts of this page before the present one, for Undo.
  let present = { page: "", cut: "" };
  let before = [];

  const remember = (cut) => {
    const page = window.location.pathname;
    if (page !== present.page) before = [];
    else if ((cut ?? "") !== present.cut) before.push(present.cut);
    present = { page, cut: cut ?? "" };
    return !before.length;
  };

  const undo = (clicks) => {
    const { no_update } = window.dash_clientside;
    if (!clicks || !before.length) return [no_update, no_update];
    present.cut = before.pop();
    return [present.cut || null, present.cut];
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { cuts: { remember, undo } });

  // A removed chip takes its focus along: the counts are what people look at next. (Not the field: the key that
  // removed the chip is still down, and coming up there it would apply the old words once more.)
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-cut-remove]")) document.getElementById("cut-counts")?.focus();
  });
})();
