// The whole view as one HTML file or one PDF: every plot as it stands on the page, with its caption, and where the numbers
// come from. Nothing in the file asks for anything outside, and it holds no script.
(() => {
  "use strict";

  const PAGE_PX = 794; // A4 is as wide, at 96 px an inch
  const MM_PER_PX = 25.4 / 96;
  const SPARE_MM = 4;
  const IMAGE = { format: "svg", width: 470 };
  const PER_SCREEN = 0.94; // plots of a report are a little lower than on the page, on a phone too
  const WAIT_MS = 200;
  const PATIENCE_MS = 90_000;
  const STYLE = `
    @media print { html, body { background: #fff; } }
    * { box-sizing: border-box; }
    body { max-width: ${PAGE_PX}px; margin: 0 auto; padding: 28px; background: #fff; color: #1c2226; font: 13px/1.45 system-ui, sans-serif; }
    h1 { margin: 0 0 4px; font-size: 21px; overflow-wrap: anywhere; }
    h2 { margin: 0 0 4px; font-size: 14px; }
    .lead { margin: 0 0 12px; color: #4c565e; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 0 0 14px; }
    dt { color: #4c565e; }
    dd { margin: 0; overflow-wrap: anywhere; }
    ul { margin: 0 0 14px; padding-left: 18px; }
    .plots { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px; margin-top: 14px; }
    figure { margin: 0; padding: 8px; border: 1px solid #d8dde1; border-radius: 4px; break-inside: avoid; }
    figure svg { display: block; width: 100%; height: auto; }
    figcaption { color: #4c565e; font-size: 11px; overflow-wrap: anywhere; }
    .finding { margin: 4px 0 2px; color: #1c2226; }
    table { width: 100%; border-collapse: collapse; font-size: 11px; }
    th, td { padding: 2px 4px; border-bottom: 1px solid #e4e8eb; text-align: left; overflow-wrap: anywhere; }
    .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .nothing { margin: 20px 0; }
    @media screen and (max-width: 600px) { .plots { grid-template-columns: 1fr; } body { padding: 12px; } }`;

  const pause = (ms) => new Promise((done) => window.setTimeout(done, ms));
  const cards = () => Array.from(document.querySelectorAll(".plot-grid [data-plot]"));
  const graphOf = (card) => card.querySelector(".js-plotly-plot");

  // A card is there when it shows something, and its plots are drawn.
  const isThere = (card) => {
    const body = card.querySelector("[data-detail]");
    if (body?.classList.contains("is-counting") || card.querySelector(".skeleton")) return false;
    return Array.from(card.querySelectorAll(".dash-graph, .plot-graph")).every((place) => place.querySelector(".main-svg"));
  };

  const allThere = async (say) => {
    window.dash_clientside.details.askAll();
    let known = -1;
    for (let waited = 0; waited < PATIENCE_MS; waited += WAIT_MS) {
      const found = cards().filter(isThere).length;
      const wanted = cards().length;
      if (found !== known) waited = 0;
      known = found;
      say(`Loading plots: ${found} of ${wanted}`);
      if (found === wanted && !document.querySelector("#explore-panel .skeleton")) return;
      await pause(WAIT_MS);
    }
  };

  const add = (parent, tag, words, className) => {
    const made = parent.ownerDocument.createElement(tag);
    if (words) made.textContent = words;
    if (className) made.className = className;
    parent.append(made);
    return made;
  };

  const addFacts = (parent, facts) => {
    const list = add(parent, "dl");
    for (const [name, value] of facts) {
      if (!value) continue;
      add(list, "dt", name);
      add(list, "dd", value);
    }
  };

  const ask = async (path, cut) => {
    const query = cut ? `?${new URLSearchParams({ cut })}` : "";
    const answer = await fetch(path + query, { headers: { Accept: "application/json" } });
    return answer.status === 200 ? answer.json() : null;
  };

  const VERDICTS = { good: "Good", check: "Check", serious: "Serious" };

  const addQuality = (parent, report) => {
    if (!report) return;
    const bad = report.checks.filter((check) => ["warn", "serious"].includes(check.level));
    add(parent, "h2", `Quality: ${VERDICTS[report.verdict] ?? report.verdict}`);
    const list = add(parent, "ul");
    for (const check of bad) add(list, "li", `${check.column ? `${check.column}: ` : ""}${check.message}`);
    if (!bad.length) add(list, "li", `${report.checks.length} checks found nothing to worry about.`);
  };

  const METRICS = [["bias", "bias"], ["sigma_nmad", "sigma_NMAD"], ["outlier_fraction", "outlier fraction"]];

  const metricsText = (plot) => {
    if (!plot?.value) return "";
    const parts = METRICS.map(([name, words]) => `${words} ${plot.value[name]?.toPrecision(4) ?? "undefined"}`);
    return `${plot.value.n.toLocaleString("en")} pairs: ${parts.join(", ")}`;
  };

  const svgOf = async (graph, into) => {
    const layout = { ...graph.layout, paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff" };
    const height = Math.min(Math.max(Math.round(graph.clientHeight * PER_SCREEN), 320), 560);
    const size = { ...IMAGE, height };
    const address = await window.Plotly.toImage({ data: graph.data, layout }, size);
    const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    svg.setAttribute("role", "img");
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    return into.ownerDocument.importNode(svg, true);
  };

  // What is told to people who do not see the plot begins with its title and ends with its caption.
  const findingOf = (card, title, caption) => {
    const words = card.querySelector("[role=img]")?.getAttribute("aria-label") ?? "";
    return words.replace(`${title}: `, "").replace(`${caption}.`, "").trim();
  };

  // Some cards show a table, others say why there is nothing.
  const insteadOfPlot = (card, made) => {
    const table = card.querySelector(".cells-table");
    if (table) return made.importNode(table, true);
    const words = made.createElement("p");
    words.className = "nothing";
    words.textContent = card.querySelector(".plot-empty, [role=alert] p")?.textContent || "Nothing to show.";
    return words;
  };

  const addPlot = async (parent, card) => {
    const made = parent.ownerDocument;
    const figure = add(parent, "figure");
    const title = card.querySelector(".plot-title")?.textContent ?? "";
    add(figure, "h2", title);
    const graph = graphOf(card);
    const caption = card.querySelector(".plot-caption")?.textContent ?? "";
    if (!graph) {
      figure.append(insteadOfPlot(card, made));
      add(figure, "figcaption", caption);
      return;
    }
    const svg = await svgOf(graph, figure);
    figure.append(svg);
    const finding = findingOf(card, title, caption);
    svg.setAttribute("aria-label", `${title}: ${finding}`);
    const under = add(figure, "figcaption");
    if (finding) add(under, "p", finding[0].toUpperCase() + finding.slice(1), "finding");
    add(under, "div", caption);
  };

  const build = async (facts, say) => {
    const cut = new URLSearchParams(window.location.search).get("cut") ?? "";
    const isUsed = Boolean(cut) && !document.getElementById("cut-message")?.textContent;
    const made = document.implementation.createHTMLDocument(facts.name);
    made.documentElement.lang = "en";
    const policy = add(made.head, "meta");
    policy.httpEquiv = "Content-Security-Policy";
    policy.content = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    add(made.head, "meta").setAttribute("charset", "utf-8");
    add(made.head, "meta").setAttribute("name", "viewport");
    made.head.lastChild.setAttribute("content", "width=device-width, initial-scale=1");
    add(made.head, "style", STYLE);
    const main = add(made.body, "main");
    add(main, "h1", facts.name);
    add(main, "p", facts.lead, "lead");
    say("Asking for metrics and checks");
    const base = `/api/products/${facts.product}`;
    const [quality, metrics] = await Promise.all([
      ask(`${base}/quality/`),
      document.querySelector("[data-plot=z_phot_z_spec]") ? ask(`${base}/plots/metrics/`, isUsed ? cut : "") : null,
    ]);
    addFacts(main, [
      ...facts.rows,
      ["Cut", isUsed ? cut : "none: all rows"],
      ["Rows", document.getElementById("cut-counts")?.textContent],
      ["Metrics", metricsText(metrics)],
      ["View", window.location.href],
      ["Made", `${new Date().toISOString().slice(0, 19)}Z by ${facts.software}`],
    ]);
    addQuality(main, quality);
    const plots = add(main, "section", "", "plots");
    const wanted = cards();
    for (const [place, card] of wanted.entries()) {
      say(`Drawing plots: ${place + 1} of ${wanted.length}`);
      await addPlot(plots, card);
    }
    return made;
  };

  const textOf = (made) => `<!DOCTYPE html>\n${made.documentElement.outerHTML}\n`;

  const shown = async (text) => {
    const frame = document.createElement("iframe");
    frame.title = "Report";
    frame.className = "report-frame";
    frame.setAttribute("aria-hidden", "true");
    frame.tabIndex = -1;
    frame.style.width = `${PAGE_PX}px`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/html" }));
    await new Promise((done) => {
      frame.addEventListener("load", done, { once: true });
      frame.src = address;
      document.body.append(frame);
    });
    URL.revokeObjectURL(address);
    return frame;
  };

  // One page as long as the view: a plot is never cut in two.
  const onOnePage = async (made) => {
    const frame = await shown(textOf(made));
    const height = Math.ceil(frame.contentDocument.documentElement.scrollHeight * MM_PER_PX) + SPARE_MM;
    frame.remove();
    add(made.head, "style", `@page { size: 210mm ${height}mm; margin: 0; }`);
    return textOf(made);
  };

  const save = (text, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/html" }));
    link.download = name;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  const print = async (text) => {
    document.querySelectorAll(".report-frame").forEach((old) => old.remove());
    const frame = await shown(text);
    frame.contentWindow.focus();
    frame.contentWindow.print();
  };

  const notebook = (facts) => {
    const here = new URLSearchParams(window.location.search);
    const query = new URLSearchParams({ plots: cards().map((card) => card.dataset.plot).join(",") });
    for (const name of ["cut", "bins", "split"]) if (here.get(name)) query.set(name, here.get(name));
    const link = document.createElement("a");
    link.href = `/api/products/${facts.product}/notebook/?${query}`;
    link.download = "";
    link.click();
  };

  const run = async (button, tools) => {
    const facts = JSON.parse(tools.dataset.report);
    if (button.dataset.view === "notebook") {
      notebook(facts);
      return;
    }
    const status = tools.querySelector("[role=status]");
    const say = (words) => {
      if (status.textContent !== words) status.textContent = words;
    };
    await allThere(say);
    const text = await onOnePage(await build(facts, say));
    if (button.dataset.view === "print") await print(text);
    else save(text, `${facts.file}_report.html`);
    say(button.dataset.view === "print" ? "The report is in the print dialog." : "The report is in your downloads.");
  };

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-view]") : null;
    const tools = button?.closest("[data-report]");
    if (!tools || tools.dataset.busy) return;
    tools.dataset.busy = "true";
    try {
      await run(button, tools);
    } catch (error) {
      tools.querySelector("[role=status]").textContent = "The report could not be made. Reload the page and try again.";
      throw error;
    } finally {
      delete tools.dataset.busy;
    }
  });
})();
