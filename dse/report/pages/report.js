"use strict";
(() => {
  const config = { responsive: true, displaylogo: false, displayModeBar: false };
  const colour = (element) => getComputedStyle(element).color;

  function draw(root) {
    for (const source of root.querySelectorAll("script[data-chart]")) {
      const place = document.getElementById(source.dataset.chart);
      const figure = JSON.parse(source.textContent);
      figure.layout.font = { ...figure.layout.font, color: colour(place) };
      Plotly.newPlot(place, figure.data, figure.layout, config);
    }
  }

  function key(row, column) {
    const cell = row.cells[column];
    return "sort" in cell.dataset ? Number(cell.dataset.sort) : cell.textContent;
  }

  // What has no value stands last, whichever way a column is sorted.
  function compare(one, other, sign) {
    if (one === "" || other === "") return (one === "") - (other === "");
    if (typeof one === "number" && typeof other === "number") return sign * (one - other);
    return sign * String(one).localeCompare(String(other), undefined, { numeric: true });
  }

  function sort(table, column, direction) {
    const sign = direction === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const rows = [...body.rows];
    rows.sort((one, other) => compare(key(one, column), key(other, column), sign));
    body.append(...rows);
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      if (place === column) head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    });
  }

  function prepare(root) {
    for (const table of root.querySelectorAll("table[data-sortable]")) {
      [...table.tHead.rows[0].cells].forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = head.textContent;
        head.replaceChildren(button);
        button.addEventListener("click", () => {
          const isUp = head.getAttribute("aria-sort") === "ascending";
          sort(table, column, isUp ? "descending" : "ascending");
        });
      });
    }
    for (const input of root.querySelectorAll("input[data-filters]")) {
      input.addEventListener("input", () => filter(input));
    }
  }

  function filter(input) {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...document.getElementById(input.dataset.filters).tBodies[0].rows];
    for (const row of rows) {
      const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    const told = document.querySelector(`[data-counts="${input.dataset.filters}"]`);
    told.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
  }

  function recolour() {
    for (const place of document.querySelectorAll(".js-plotly-plot")) {
      Plotly.relayout(place, { "font.color": colour(place) });
    }
  }

  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  async function begin() {
    prepare(document);
    const packed = document.getElementById("packed-plotly");
    if (packed) {
      const script = document.createElement("script");
      script.textContent = await unpacked(packed.textContent);
      document.head.append(script);
      packed.remove();
    }
    if (typeof Plotly === "undefined") return;
    draw(document);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
    addEventListener("beforeprint", () => {
      for (const place of document.querySelectorAll(".js-plotly-plot")) Plotly.Plots.resize(place);
    });
    document.documentElement.dataset.drawn = "true";
  }

  // A section that is served anew keeps how its tables were sorted and filtered.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const before = event.detail.target;
    kept = [...before.querySelectorAll("th[aria-sort]")].map((head) => [
      head.closest("table").id, head.cellIndex, head.getAttribute("aria-sort"),
    ]);
    words = [...before.querySelectorAll("input[data-filters]")].map((input) => [input.id, input.value]);
    focused = before.contains(document.activeElement) ? document.activeElement.id : "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const now = document.getElementById(event.detail.elt.id) ?? event.detail.elt;
    prepare(now);
    draw(now);
    for (const [id, column, direction] of kept) {
      const table = document.getElementById(id);
      if (table?.tHead.rows[0].cells[column]) sort(table, column, direction);
    }
    for (const [id, value] of words) {
      const input = document.getElementById(id);
      if (input && value) { input.value = value; filter(input); }
    }
    if (focused) document.getElementById(focused)?.focus();
  });
  let kept = [], words = [], focused = "";

  begin();
})();
