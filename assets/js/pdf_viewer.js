// The row of the PDF viewer lives in the address of the page: written there without a page load.
(() => {
  "use strict";

  const keep = (row) => {
    const url = new URL(window.location.href);
    if (row && url.searchParams.get("pdf") !== String(row)) {
      url.searchParams.set("pdf", String(row));
      window.history.replaceState(window.history.state, "", url.pathname + url.search + url.hash);
    }
    return window.dash_clientside.no_update;
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, { pdfViewer: { keep } });
})();
