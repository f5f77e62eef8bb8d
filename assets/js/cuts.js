// The cut bar: what needs no server.
(() => {
  "use strict";

  // A removed chip takes its focus along: the counts are what people look at next. (Not the field: the key that
  // removed the chip is still down, and coming up there it would apply the old words once more.)
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-cut-remove]")) document.getElementById("cut-counts")?.focus();
  });
})();
