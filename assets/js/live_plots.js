// Counts drawn over a plot while a cut is dragged: on a canvas of its own, in the colours and on the axes of the plot.
(() => {
  "use strict";

  const COLOUR = "#0f8b8d";

  const pixel = (axis, value) =>
    axis._offset + axis.l2p(axis.type === "log" ? Math.log10(Math.max(value, 1e-3)) : value);

  const sheet = (graph) => {
    let canvas = graph.querySelector(":scope > canvas.live-plot");
    if (!canvas) {
      canvas = document.createElement("canvas");
      canvas.className = "live-plot";
      graph.append(canvas);
    }
    const { width, height } = graph._fullLayout;
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext("2d");
    const { xaxis: x, yaxis: y } = graph._fullLayout;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.save();
    context.beginPath();
    context.rect(x._offset, y._offset, x._length, y._length);
    context.clip();
    return { context, x, y };
  };

  const traceOf = (graph, plot) => {
    const traces = graph._fullData ?? [];
    if (plot !== "magnitudes") return traces.find((trace) => trace.type === "bar" || trace.type === "heatmap") ?? traces[0];
    const column = document.querySelector("[data-live]")?.dataset.liveColumn;
    return traces.find((trace) => trace.name === column || trace.name.endsWith(`(${column})`)) ?? traces[0];
  };

  // Bins of the plot may be wider than those of the cube: counts as high as a bin of the plot would be.
  const perBin = (trace, edges) => {
    const step = trace?.x?.[2] - trace?.x?.[1];
    return step > 0 ? step / (edges[1] - edges[0]) : 1;
  };

  const drawCounts = (graph, plot, edges, counts) => {
    const trace = traceOf(graph, plot);
    const colour = trace?.marker?.color && trace.type === "bar" ? trace.marker.color : trace?.line?.color;
    const factor = perBin(trace, edges);
    const { context, x, y } = sheet(graph);
    const ground = y._offset + y._length;
    context.beginPath();
    context.moveTo(pixel(x, edges[0]), ground);
    for (let k = 0; k + 1 < edges.length; k += 1) {
      const n = counts[k + 2];
      const top = n > 0 ? pixel(y, n * factor) : ground;
      context.lineTo(pixel(x, edges[k]), top);
      context.lineTo(pixel(x, edges[k + 1]), top);
    }
    context.lineTo(pixel(x, edges.at(-1)), ground);
    context.fillStyle = context.strokeStyle = typeof colour === "string" ? colour : COLOUR;
    context.globalAlpha = 0.75;
    if (trace?.type === "bar") context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 2;
    if (trace?.type !== "bar") context.stroke();
    context.restore();
  };

  const drawBars = (graph, counts) => {
    const trace = traceOf(graph, "z_flag");
    const { context, x, y } = sheet(graph);
    context.fillStyle = trace?.marker?.color ?? COLOUR;
    context.globalAlpha = 0.9;
    const left = x._offset;
    for (let place = 0; place + 2 < counts.length; place += 1) {
      const top = pixel(y, place - 0.375);
      const width = counts[place] > 0 ? pixel(x, counts[place]) - left : 0;
      context.fillRect(left, top, width, pixel(y, place + 0.375) - top);
    }
    context.restore();
  };

  const colourTable = (scale) => {
    const canvas = document.createElement("canvas");
    canvas.width = 128;
    canvas.height = 1;
    const context = canvas.getContext("2d");
    const gradient = context.createLinearGradient(0, 0, 128, 0);
    for (const [at, colour] of scale) gradient.addColorStop(at, colour);
    context.fillStyle = gradient;
    context.fillRect(0, 0, 128, 1);
    return context.getImageData(0, 0, 128, 1).data;
  };

  // Cells of the cube are put together until they are about as large as those of the plot.
  const drawCells = (graph, shape, cells, zEdges, mEdges) => {
    const trace = traceOf(graph, "z_magnitude");
    if (trace?.type !== "heatmap" || !trace.x || !trace.y) return;
    const steps = [trace.x[1] - trace.x[0], trace.y[1] - trace.y[0]];
    const own = [mEdges[1] - mEdges[0], zEdges[1] - zEdges[0]];
    const [byM, byZ] = own.map((step, axis) => Math.max(1, Math.round(steps[axis] / step)));
    const [nM, nZ] = [mEdges.length - 1, zEdges.length - 1];
    const [columns, rows] = [Math.ceil(nM / byM), Math.ceil(nZ / byZ)];
    const sums = new Float64Array(columns * rows);
    for (let z = 0; z < nZ; z += 1) {
      const row = Math.floor(z / byZ) * columns;
      for (let m = 0; m < nM; m += 1) sums[row + Math.floor(m / byM)] += cells[(z + 2) * shape[2] + m + 2];
    }
    const share = (steps[0] * steps[1]) / (own[0] * byM * own[1] * byZ);
    // The colours by the logarithm of the count belong to the trace of the colour bar.
    const { colorscale, cmax } = graph._fullData.find(({ marker }) => marker?.showscale).marker;
    const table = (graph.liveColours ??= colourTable(colorscale));
    const image = new ImageData(columns, rows);
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const n = sums[row * columns + column];
        if (n === 0) continue;
        const level = Math.log10(Math.max(n * share, 1)) / cmax;
        const from = 4 * Math.min(127, Math.floor(level * 127));
        const to = 4 * ((rows - 1 - row) * columns + column);
        for (let part = 0; part < 3; part += 1) image.data[to + part] = table[from + part];
        image.data[to + 3] = 255;
      }
    }
    const small = document.createElement("canvas");
    small.width = columns;
    small.height = rows;
    small.getContext("2d").putImageData(image, 0, 0);
    const { context, x, y } = sheet(graph);
    const right = mEdges[0] + columns * byM * own[0];
    const upper = zEdges[0] + rows * byZ * own[1];
    const [left, top] = [pixel(x, mEdges[0]), pixel(y, upper)];
    context.imageSmoothingEnabled = false;
    context.drawImage(small, left, top, pixel(x, right) - left, pixel(y, zEdges[0]) - top);
    context.restore();
  };

  const clear = (graph) => {
    graph.querySelector(":scope > canvas.live-plot")?.remove();
    graph.classList.remove("is-live");
  };

  const binFactor = (graph, plot, edges) => perBin(traceOf(graph, plot), edges);

  const livePlots = { drawCounts, drawBars, drawCells, binFactor, clear };
  window.pzserver = Object.assign({}, window.pzserver, { livePlots });
})();
