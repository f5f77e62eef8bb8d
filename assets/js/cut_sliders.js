// Sliders with two thumbs and boxes of flags in the cut bar: how they are built and what they say.
(() => {
  "use strict";

  const numberText = (value) => String(Number(value.toPrecision(8)));

  // What the thumbs say, beside the track and to those who do not see it.
  const describe = ({ edges }, [low, high]) => {
    const [first, last] = [Number(low.value), Number(high.value)];
    const ends = [first > 0 ? numberText(edges[first]) : "", last < edges.length - 1 ? numberText(edges[last]) : ""];
    low.setAttribute("aria-valuetext", ends[0] || "no lower limit");
    high.setAttribute("aria-valuetext", ends[1] || "no upper limit");
    const group = low.closest(".cut-slider");
    const words = !ends[0] && !ends[1] ? "any" : `${ends[0] || "…"} to ${ends[1] || "…"}`;
    group.querySelector("output").textContent = words;
    group.style.setProperty("--from", first / (edges.length - 1));
    group.style.setProperty("--to", last / (edges.length - 1));
  };

  const element = (name, facts, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(facts)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const thumb = (axis, title, word, final) =>
    element("input", { type: "range", min: 0, max: final, step: 1, "data-axis": axis, "aria-label": `${word} ${title}` });

  const buildSlider = ({ edges }, axis, title) => {
    const final = edges.length - 1;
    const track = element("span", { class: "cut-track" });
    const name = title.charAt(0).toLowerCase() + title.slice(1);
    track.append(thumb(axis, name, "Lowest", final), thumb(axis, name, "Highest", final));
    const shown = element("output", {});
    return element("div", { class: "cut-slider", role: "group", "aria-label": title }, element("span", {}, title), track, shown);
  };

  const buildFlags = ({ values }, title) => {
    const boxes = values.map((value) => {
      const box = element("input", { type: "checkbox", "data-axis": "flag" });
      box.disabled = value === null;
      return element("label", {}, box, ` ${value ?? "(blank)"}`);
    });
    return element("div", { class: "cut-flags", role: "group", "aria-label": title }, element("span", {}, title), ...boxes);
  };

  window.pzserver = Object.assign({}, window.pzserver, { sliders: { buildSlider, buildFlags, describe } });
})();
