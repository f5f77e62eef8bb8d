// Dragging across a plot cuts or zooms, as the person has chosen; a click on a bar of a category takes its value in or
// out. Plots say in data-cut-axes which words of the cut their axes stand for.
(() => {
  "use strict";

  const KEY = "pz-drag-mode";
  const watched = new WeakSet();
  let held = null; // the plot on which a pointer went down

  const mode = () => (window.localStorage.getItem(KEY) === "zoom" ? "zoom" : "select");
  const axesOf = (graph) => JSON.parse(graph.closest("[data-cut-axes]")?.dataset.cutAxes ?? "{}");

  // The number makes every gesture a new one, the same box dragged twice included.
  const tell = (what) => {
    window.pzserver.tell("cut-dragged", { data: { ...what, at: Date.now() } });
    document.dispatchEvent(new CustomEvent("cut-dragged"));
  };

  const selected = (graph, event) => {
    if (held !== graph) return; // told once more because the plot was drawn anew: nobody dragged
    held = null;
    const axes = axesOf(graph);
    const ends = event?.range ?? {};
    // A plot of several panels names the axes of the one that was dragged across: x2, y2.
    const ranges = Object.entries(ends)
      .filter(([name]) => axes[name[0]])
      .map(([name, range]) => [axes[name[0]], ...range]);
    if (ranges.length) tell({ ranges });
  };

  const clicked = (graph, event) => {
    const { category, values } = axesOf(graph);
    const value = values?.[event.points[0]?.pointNumber];
    if (category && value !== undefined && value !== null) tell({ value: [category, value] });
  };

  const showWhole = (graph) => {
    const change = {};
    for (const name of ["xaxis", "yaxis"]) {
      const axis = graph._fullLayout[name];
      if (axis?._rangeInitial0 !== undefined) change[`${name}.range`] = [axis._rangeInitial0, axis._rangeInitial1];
      else change[`${name}.autorange`] = true;
    }
    void window.Plotly.relayout(graph, change);
  };

  const follow = (graph) => {
    const { x, y } = axesOf(graph);
    if ((x || y) && graph._fullLayout && graph._fullLayout.dragmode !== mode()) {
      void window.Plotly.relayout(graph, { dragmode: mode() });
    }
  };

  const watch = (graph) => {
    if (watched.has(graph) || !graph.on) return;
    watched.add(graph);
    graph.on("plotly_selected", (event) => selected(graph, event));
    graph.on("plotly_deselect", () => showWhole(graph));
    graph.on("plotly_click", (event) => clicked(graph, event));
    graph.on("plotly_afterplot", () => follow(graph));
    follow(graph);
  };

  const showMode = () => {
    document.querySelectorAll("[data-drag-mode]").forEach((button) => {
      const pressed = String(button.dataset.dragMode === mode());
      if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    });
  };

  const hold = (event) => {
    held = event.target instanceof Element ? event.target.closest("[data-cut-axes] .js-plotly-plot") : null;
  };
  document.addEventListener("pointerdown", hold, true);

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-drag-mode]") : null;
    if (!button) return;
    window.localStorage.setItem(KEY, button.dataset.dragMode);
    showMode();
    document.querySelectorAll("[data-cut-axes] .js-plotly-plot").forEach(follow);
  });

  new MutationObserver(() => {
    document.querySelectorAll("[data-cut-axes] .js-plotly-plot").forEach(watch);
    showMode();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
