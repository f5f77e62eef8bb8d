// Tools of a plot that need no server: logarithmic counts, images, expand.
(() => {
  "use strict";

  const IMAGE = { width: 1000, height: 640, scale: 2 };

  const graphOf = (button) => button.closest("[data-plot]")?.querySelector(".js-plotly-plot");

  const press = (button, pressed) => button.setAttribute("aria-pressed", String(pressed));

  // From half the smallest height to a little above the highest one, as figures/template.py has it.
  const logRange = (graph, letter) => {
    const heights = graph.data.flatMap((trace) => Array.from(trace[letter] ?? []).filter((height) => height > 0));
    if (!heights.length) return [0, 1];
    const [least, most] = heights.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, 0]);
    return [Math.log10(0.5 * least), Math.log10(1.6 * most)];
  };

  const toggleLog = (button, graph) => {
    const letter = button.dataset.plotAxis;
    const axis = letter + "axis";
    const pressed = button.getAttribute("aria-pressed") !== "true";
    press(button, pressed);
    const scale = pressed ? { range: logRange(graph, letter), autorange: false } : { autorange: true };
    const change = { [axis + ".type"]: pressed ? "log" : "linear" };
    for (const [name, value] of Object.entries(scale)) change[`${axis}.${name}`] = value;
    window.Plotly.relayout(graph, change);
    const detail = { name: button.dataset.plotName, isLog: pressed };
    document.dispatchEvent(new CustomEvent("plot-scale", { detail }));
  };

  // Images are for papers and slides: always dark ink on white, whatever the theme of the page.
  const download = async (button, graph, format) => {
    const figure = { data: graph.data, layout: { ...graph.layout, paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff" } };
    const address = await window.Plotly.toImage(figure, { format, ...IMAGE });
    const link = document.createElement("a");
    const product = window.location.pathname.split("/").pop();
    link.href = address;
    link.download = `${product}_${button.dataset.plotName}.${format}`;
    link.click();
  };

  // The sky that is covered, under the cut of the address.
  const coverage = (button) => {
    const cut = new URLSearchParams(window.location.search).get("cut");
    const query = new URLSearchParams(cut ? { format: "fits", cut } : { format: "fits" });
    const link = document.createElement("a");
    link.href = `/api/products/${button.closest("[data-product]").dataset.product}/moc/?${query}`;
    link.download = "";
    link.click();
  };

  const expand = (button, graph) => {
    const card = button.closest("[data-plot]");
    const wide = card.classList.toggle("is-expanded");
    press(button, wide);
    button.textContent = wide ? "Shrink" : "Expand";
    window.requestAnimationFrame(() => {
      window.Plotly.Plots.resize(graph);
      if (wide) card.scrollIntoView({ block: "nearest" });
    });
  };

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-plot-action]") : null;
    const action = button?.dataset.plotAction;
    if (action === "moc") coverage(button);
    const graph = button && graphOf(button);
    if (!graph || action === "moc") return;
    if (action === "log") toggleLog(button, graph);
    else if (action === "expand") expand(button, graph);
    else void download(button, graph, action);
  });

  // Numbers of a plot: a plain table from plain texts.
  const buildNumbers = (place) => {
    place.dataset.numbersBuilt = "true";
    const { caption, header, rows } = JSON.parse(place.dataset.numbers);
    const table = document.createElement("table");
    table.className = "table table-sm numbers-table";
    table.createCaption().textContent = caption;
    const head = table.createTHead().insertRow();
    for (const words of header) {
      const heading = document.createElement("th");
      heading.scope = "col";
      heading.textContent = words;
      head.append(heading);
    }
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const words of row) line.insertCell().textContent = words;
    }
    place.replaceChildren(table);
  };

  new MutationObserver(() => {
    document.querySelectorAll("[data-numbers]:not([data-numbers-built])").forEach(buildNumbers);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
