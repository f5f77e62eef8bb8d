// The table of columns: built here from plain texts, because a page of thousands of elements is slow to build elsewhere.
// Every choice of a role takes its list from one place, and one store is told what a person wants.
(() => {
  "use strict";

  const STORE = "column-mapping-wanted";
  const SVG = "http://www.w3.org/2000/svg";
  const BAR = 5;
  const HEIGHT = 24;
  const HEADINGS = ["Column", "Role", "Found", "Unit", "UCD", "Type", "Min", "Median", "Max", "Missing", "Values"];
  const NUMBERS = new Set(["Min", "Median", "Max", "Missing"]);

  const make = (tag, className, words) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (words !== undefined) element.textContent = words;
    return element;
  };

  const cell = (content, className = "", title = "") => {
    const element = make("td", className);
    element.append(content);
    if (title) element.title = title;
    return element;
  };

  const roleSelect = (row, options) => {
    const select = make("select", "form-select form-select-sm role-select" + (row.is_guess ? " needs-confirmation" : ""));
    select.setAttribute("aria-label", `Role of ${row.name}`);
    select.dataset.rolePlace = row.place;
    select.append(...options.map(([value, words]) => new Option(words, value)));
    if (!options.some(([value]) => value === row.role)) select.append(new Option(row.role_words, row.role));
    select.value = row.role;
    return select;
  };

  const found = (row, canEdit) => {
    const element = cell(row.found);
    if (!row.is_guess) return element;
    element.append(" (a guess) ");
    const button = make("button", "btn btn-outline-primary btn-sm", "Confirm");
    button.type = "button";
    button.disabled = !canEdit;
    button.setAttribute("aria-label", `Confirm the role of ${row.name}`);
    button.dataset.rolePlace = row.place;
    button.dataset.roleValue = row.role;
    element.append(button);
    return element;
  };

  const sparkline = (row) => {
    const svg = document.createElementNS(SVG, "svg");
    const top = Math.max(...row.spark, 1);
    svg.setAttribute("class", "sparkline");
    svg.setAttribute("width", BAR * row.spark.length);
    svg.setAttribute("height", HEIGHT);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `Histogram of ${row.name}`);
    row.spark.forEach((count, place) => {
      const bar = document.createElementNS(SVG, "rect");
      const height = (HEIGHT * count) / top;
      const box = { x: BAR * place, y: HEIGHT - height, width: BAR - 1, height };
      for (const [name, value] of Object.entries(box)) bar.setAttribute(name, value);
      svg.append(bar);
    });
    return svg;
  };

  const line = (row, options) => {
    const element = make("tr");
    const name = make("th", "column-name", row.name);
    name.scope = "row";
    name.title = row.title;
    element.append(name);
    element.append(cell(options.length ? roleSelect(row, options) : row.role_words), found(row, options.length > 0));
    element.append(cell(row.unit), cell(make("code", "", row.ucd)), cell(row.dtype));
    for (const key of ["min", "median", "max"]) element.append(cell(row[key], "number"));
    element.append(cell(row.missing, "number", row.hint));
    element.append(cell(row.spark.length ? sparkline(row) : make("span", "examples", row.examples)));
    return element;
  };

  const build = (place) => {
    const rows = JSON.parse(place.dataset.columnRows);
    const options = JSON.parse(place.dataset.roleOptions);
    const head = make("tr");
    for (const words of HEADINGS) {
      const heading = make("th", NUMBERS.has(words) ? "number" : "", words);
      heading.scope = "col";
      head.append(heading);
    }
    const table = make("table", "table table-sm column-table");
    table.createTHead().append(head);
    table.createTBody().append(...rows.map((row) => line(row, options)));
    place.replaceChildren(table);
  };

  const built = new WeakMap();

  const buildAll = () => {
    for (const place of document.querySelectorAll("[data-column-rows]")) {
      const facts = place.dataset.columnRows;
      if (built.get(place) === facts) continue;
      built.set(place, facts);
      build(place);
    }
  };

  // The time makes every wish a new one, also the same wish twice.
  const want = (place, value) =>
    window.pzserver.tell(STORE, { data: { place: Number(place), value, at: Date.now() } });

  new MutationObserver(buildAll).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-column-rows"],
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("select[data-role-place]")) want(event.target.dataset.rolePlace, event.target.value);
  });

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-role-value]") : null;
    if (button) want(button.dataset.rolePlace, button.dataset.roleValue);
  });
})();
