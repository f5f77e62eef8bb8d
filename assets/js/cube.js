// Cuts that are dragged: the rows of the table, counted over flag, redshift and magnitude, are fetched once; while a
// thumb moves the plots of these quantities are drawn from them, over the dimmed ones. Letting go sends the cut. A drag
// across such a plot is followed in the same way, to the nearest edges of bins.
(() => {
  "use strict";

  const SETTLED_MS = 700; // after the answer: by then every plot is redrawn
  const PATIENCE_MS = 15000; // an answer that changes nothing may not come at all
  const KEYS_MS = 700; // a key that is pressed again and again makes one cut
  const ORDER = ["flag", "redshift", "magnitude"];

  let state = {}; // as components/cut_bar/sliders.py wrote it
  let written = "";
  let of = ""; // the table they belong to
  let cubes = new Map(); // by the cut they were counted under
  let phase = "idle"; // then "moving", "waiting" for the answer
  let moved = null; // axis that moves
  let near = {}; // while a plot is dragged across: the edges nearest to the ends, by axis
  let asked = 0; // when the last frame was asked for
  let frame = 0;
  let timer = 0;
  let countsBefore = null;
  let isSent = false; // a cut is on its way, and its answer is not here yet
  let isDue = false; // another one was made meanwhile: it is sent when the answer is here

  const container = () => document.querySelector("[data-live]");
  const graphOf = (plot) => document.querySelector(`[data-plot="${plot}"] .js-plotly-plot`);
  const inputs = (axis) => [...document.querySelectorAll(`[data-live] input[data-axis="${axis}"]`)];

  // ---- The cube.

  const load = (axis) => {
    const base = state[axis]?.base ?? "";
    const known = cubes;
    if (known.has(base)) return;
    known.set(base, null);
    window.pzserver.cube.fetchCube(base).then(
      (cube) => {
        known.set(base, cube);
        if (phase !== "idle") schedule();
      },
      () => known.delete(base),
    );
  };

  // ---- Where the thumbs are, and which places of the cube lie between them.

  const positions = (axis) => {
    if (near[axis]) return near[axis];
    const found = inputs(axis);
    if (axis !== "flag") return found.map((input) => Number(input.value));
    return found.flatMap((input, number) => (input.checked ? [number] : []));
  };

  const limits = (axis, size) => {
    const facts = state[axis];
    if (!facts || (axis !== moved && !near[axis] && !facts.exact)) return null;
    const at = positions(axis);
    if (axis === "flag") return at.length ? at : null;
    const [first, last] = at;
    const final = facts.edges.length - 1;
    if (first === 0 && last === final) return null;
    return [first === 0 ? 1 : first + 2, last === final ? size - 1 : last + 1];
  };

  const chosen = (axis, size) => {
    const found = limits(axis, size);
    if (axis === "flag") return found ?? Array.from({ length: size }, (_, number) => number);
    return found ?? [0, size - 1];
  };

  // ---- A frame.

  const isNormalised = () => new URLSearchParams(window.location.search).has("norm");

  const follow = (plot, draw) => {
    const graph = graphOf(plot);
    if (!graph?._fullLayout?.xaxis) return;
    draw(graph);
    graph.classList.add("is-live");
    followed.add(plot);
  };

  let followed = new Set();

  const drawAll = (cube, found) => {
    followed = new Set();
    const [, zEdges, mEdges] = cube.edges;
    const [, redshift, magnitude] = cube.axes;
    const isCounts = !isNormalised();
    for (const [axis, edges, counts] of [[redshift, zEdges, found.redshift], [magnitude, mEdges, found.magnitude]]) {
      if (edges && isCounts && axis.plot !== "z_magnitude") {
        follow(axis.plot, (graph) => window.pzserver.livePlots.drawCounts(graph, axis.plot, edges, counts));
      }
    }
    if (cube.axes[0].values) follow("z_flag", (graph) => window.pzserver.livePlots.drawBars(graph, found.flag));
    const cells = (graph) => window.pzserver.livePlots.drawCells(graph, cube.shape, found.cells, zEdges, mEdges);
    if (zEdges && mEdges) follow("z_magnitude", cells);
    document.querySelectorAll(".plot-card[data-plot]").forEach((card) => {
      card.classList.toggle("is-behind", !followed.has(card.dataset.plot));
    });
  };

  const showCounts = (total, all) => {
    const line = document.getElementById("cut-counts");
    if (!line) return;
    countsBefore ??= line.textContent;
    line.setAttribute("aria-busy", "true");
    const words = (n) => n.toLocaleString("en-US");
    const about = Object.keys(near).length ? "about " : "";
    line.textContent = `${about}${words(total)} shown / ${words(all)} total / ${words(all - total)} cut away`;
  };

  const render = () => {
    frame = 0;
    const cube = cubes.get(state[moved]?.base ?? "");
    if (!cube || phase === "idle") return;
    const parts = ORDER.map((axis, number) => chosen(axis, cube.shape[number]));
    const found = window.pzserver.cube.count(cube, ...parts);
    if (phase === "moving" && !drag) makeRoom(cube, parts);
    drawAll(cube, found);
    showCounts(found.total, cube.n_total);
    const detail = { ms: window.performance.now() - asked, total: found.total, plots: [...followed] };
    for (const axis of ORDER) detail[axis] = [...found[axis]];
    document.dispatchEvent(new CustomEvent("plots-followed", { detail }));
  };

  const schedule = () => {
    frame ||= window.requestAnimationFrame(render);
  };

  // Axes of counts are made high enough for all that this drag can bring, once, when it begins.
  let hasRoom = false;

  const makeRoom = (cube, parts) => {
    if (hasRoom) return;
    hasRoom = true;
    const open = parts.map((part, number) => (ORDER[number] === moved ? null : part));
    const whole = open.map((part, number) => part ?? (number ? [0, cube.shape[number] - 1] : [...Array(cube.shape[0]).keys()]));
    const most = window.pzserver.cube.count(cube, ...whole);
    [["redshift", 1], ["magnitude", 2]].forEach(([axis, number]) => {
      const { plot, edges } = cube.axes[number];
      const graph = edges && plot !== "z_magnitude" ? graphOf(plot) : null;
      if (!graph?._fullLayout?.yaxis || isNormalised()) return;
      const factor = window.pzserver.livePlots.binFactor(graph, plot, edges);
      const top = factor * most[axis].slice(2, -1).reduce((high, n) => Math.max(high, n), 1);
      raise(graph, "yaxis", top);
    });
    const flags = cube.axes[0].values ? graphOf("z_flag") : null;
    if (flags?._fullLayout?.xaxis) raise(flags, "xaxis", most.flag.slice(0, -2).reduce((high, n) => Math.max(high, n), 1));
  };

  const raise = (graph, name, top) => {
    const axis = graph._fullLayout[name];
    const isLog = axis.type === "log";
    if ((isLog ? 10 ** axis.range[1] : axis.range[1]) >= top) return;
    graph.liveBefore = { [`${name}.range`]: [...axis.range], [`${name}.autorange`]: axis.autorange };
    const range = isLog ? [axis.range[0], Math.log10(1.6 * top)] : [axis.range[0], 1.05 * top];
    void window.Plotly.relayout(graph, { [`${name}.range`]: range });
  };

  // ---- Beginning and end of a drag.

  const settle = ({ isUnchanged = false } = {}) => {
    phase = "idle";
    hasRoom = false;
    moved = null;
    const line = document.getElementById("cut-counts");
    line?.removeAttribute("aria-busy");
    const isOld = isUnchanged || line?.textContent.startsWith("about");
    if (isOld && line && countsBefore !== null) line.textContent = countsBefore;
    near = {};
    countsBefore = null;
    document.querySelectorAll(".plot-card.is-behind").forEach((card) => card.classList.remove("is-behind"));
    document.querySelectorAll(".js-plotly-plot.is-live").forEach((graph) => {
      window.pzserver.livePlots.clear(graph);
      if (isUnchanged && graph.liveBefore) void window.Plotly.relayout(graph, graph.liveBefore);
      delete graph.liveBefore;
    });
  };

  const move = (axis, at) => {
    window.clearTimeout(timer);
    if (moved !== axis) hasRoom = false;
    moved = axis;
    phase = "moving";
    asked = at;
    load(axis);
    schedule();
  };

  const wait = (ms) => {
    phase = "waiting";
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      answered();
      if (phase === "waiting") settle({ isUnchanged: true });
    }, ms);
  };

  const commit = () => {
    window.clearTimeout(timer);
    if (phase !== "moving") return;
    if (isSent) {
      isDue = true;
      timer = window.setTimeout(answered, PATIENCE_MS);
      return;
    }
    const change = {};
    for (const [axis, facts] of Object.entries(state)) {
      const at = positions(axis);
      if (at.join() !== facts.at.join()) change[axis] = at;
    }
    if (!Object.keys(change).length) return settle({ isUnchanged: true });
    wait(PATIENCE_MS);
    isSent = true;
    window.pzserver.tell("cut-slid", { data: { ...change, at: Date.now() } });
  };

  const answered = () => {
    isSent = false;
    if (!isDue) return;
    isDue = false;
    commit();
  };

  // ---- Sliders.

  const describe = (axis) => window.pzserver.sliders.describe(state[axis], inputs(axis));

  // A thumb that is being moved stays where it is; the others go where the cut has them.
  const place = () => {
    const held = phase === "moving" ? document.activeElement : null;
    for (const [axis, { at }] of Object.entries(state)) {
      inputs(axis).forEach((input, number) => {
        if (input === held) return;
        if (axis === "flag") input.checked = at.includes(number);
        else input.value = at[number];
      });
      if (axis !== "flag") describe(axis);
    }
  };

  const shape = () => JSON.stringify(Object.entries(state).map(([axis, { edges, values }]) => [axis, edges, values]));

  const build = (live) => {
    const { liveOf } = live.dataset;
    if (live.dataset.liveShape === shape() && of === liveOf) return;
    live.dataset.liveShape = shape();
    of = liveOf;
    cubes = new Map();
    const titles = JSON.parse(live.dataset.liveTitles);
    const { buildFlags, buildSlider } = window.pzserver.sliders;
    const made = Object.entries(state).map(([axis, facts]) =>
      axis === "flag" ? buildFlags(facts, titles.flag) : buildSlider(facts, axis, titles[axis]));
    live.replaceChildren(...made);
  };

  const read = () => {
    const live = container();
    if (!live) {
      written = "";
      return;
    }
    if (live.dataset.live === written && live.childElementCount) return;
    written = live.dataset.live;
    state = JSON.parse(written);
    build(live);
    place();
    answered();
    if (phase === "waiting" && !isSent) {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => phase === "waiting" && settle(), SETTLED_MS);
    }
    const idle = window.requestIdleCallback ?? ((work) => window.setTimeout(work, 500));
    idle(() => Object.keys(state).slice(0, 1).forEach(load), { timeout: 3000 });
  };

  // ---- What people do.

  const sliderOf = (event) => {
    const input = event.target instanceof Element ? event.target.closest("[data-live] input") : null;
    return input && { input, axis: input.dataset.axis };
  };

  document.addEventListener("input", (event) => {
    const found = sliderOf(event);
    if (!found) return;
    const { input, axis } = found;
    if (axis !== "flag") {
      const [low, high] = inputs(axis);
      if (input === low) low.value = Math.min(Number(low.value), Number(high.value) - 1);
      else high.value = Math.max(Number(high.value), Number(low.value) + 1);
      describe(axis);
    }
    move(axis, event.timeStamp);
  });

  let byPointer = false;
  document.addEventListener("pointerdown", (event) => {
    byPointer = Boolean(sliderOf(event));
  });
  document.addEventListener("keydown", () => {
    byPointer = false;
  });

  document.addEventListener("change", (event) => {
    const found = sliderOf(event);
    if (!found) return;
    window.clearTimeout(timer);
    if (byPointer || found.axis === "flag") commit();
    else timer = window.setTimeout(commit, KEYS_MS);
  });

  document.addEventListener("focusout", (event) => {
    if (sliderOf(event)) commit();
  });

  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, (event) => {
      const found = sliderOf(event);
      if (found) load(found.axis);
    });
  }

  // ---- Dragging across a plot.

  const UNSENT_MS = 1000; // by then a drag that was long enough has been sent
  let drag = null; // graph, axes along x and y, where it began

  const axesAlong = (plot) => {
    if (plot === "z_magnitude") return { x: "magnitude", y: "redshift" };
    const axis = ["redshift", "magnitude"].find((name) => state[name]?.plot === plot);
    return axis ? { x: axis } : null;
  };

  const nearest = (edges, value) => {
    const at = edges.findIndex((edge) => edge >= value);
    if (at < 0) return edges.length - 1;
    return at > 0 && value - edges[at - 1] < edges[at] - value ? at - 1 : at;
  };

  const between = (graph, name, axis, from, to) => {
    const along = graph._fullLayout[`${name}axis`];
    const box = graph.getBoundingClientRect();
    const corner = name === "x" ? box.left : box.top;
    const { edges } = state[axis];
    const [first, last] = [from, to].map((at) => nearest(edges, along.p2l(at - corner - along._offset))).sort((a, b) => a - b);
    return first < last ? [first, last] : [Math.min(first, edges.length - 2), Math.min(first, edges.length - 2) + 1];
  };

  document.addEventListener("pointerdown", (event) => {
    const area = event.target instanceof Element ? event.target.closest(".nsewdrag") : null;
    const graph = area?.closest(".plot-card[data-plot] .js-plotly-plot");
    const axes = graph?._fullLayout?.dragmode === "select" && axesAlong(graph.closest("[data-plot]").dataset.plot);
    const isWhole = axes && Object.values(axes).every((axis) => state[axis]);
    drag = isWhole && event.button === 0 ? { graph, axes, x: event.clientX, y: event.clientY } : null;
    if (drag) Object.values(axes).forEach(load);
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const { graph, axes, x, y } = drag;
    if (phase !== "moving" && Math.hypot(event.clientX - x, event.clientY - y) < 8) return;
    near = { [axes.x]: between(graph, "x", axes.x, x, event.clientX) };
    if (axes.y) near[axes.y] = between(graph, "y", axes.y, y, event.clientY);
    move(axes.x, event.timeStamp);
  });

  document.addEventListener("pointerup", () => {
    if (drag && phase === "moving") wait(UNSENT_MS);
    drag = null;
  });

  document.addEventListener("cut-dragged", () => {
    if (phase === "waiting") wait(PATIENCE_MS);
  });

  // The answer redraws the plots one by one: what was drawn over them goes with each.
  const watched = new WeakSet();
  const watch = (graph) => {
    if (watched.has(graph) || !graph.on) return;
    watched.add(graph);
    graph.on("plotly_afterplot", () => {
      if (phase === "waiting") {
        window.pzserver.livePlots.clear(graph);
        delete graph.liveBefore;
      } else if (phase === "moving") schedule();
    });
  };

  const changes = new MutationObserver(() => {
    read();
    document.querySelectorAll(".plot-card .js-plotly-plot").forEach(watch);
  });
  const attributes = { attributes: true, attributeFilter: ["data-live"] };
  changes.observe(document.documentElement, { childList: true, subtree: true, ...attributes });
})();
