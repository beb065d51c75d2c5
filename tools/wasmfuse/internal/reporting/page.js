// Sorting, searching and the choice of colours. Without it the page lacks only these.
(() => {
  const all = (selector, of = document) => [...of.querySelectorAll(selector)];
  const root = document.documentElement, theme = document.getElementById("theme");
  const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  name();

  const value = (row, column) => {
    const cell = row.cells[column], text = cell.dataset.sort ?? cell.textContent.trim(), number = parseFloat(text);
    return /^-?[\d.]+( B)?$/.test(text) ? number : text.toLowerCase();
  };
  const compare = (a, b) => a === b ? 0 : typeof a === typeof b ? (a < b ? -1 : 1) : typeof a === "number" ? -1 : 1;
  for (const table of all("table.sortable")) {
    all("thead th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        all("thead th", table).forEach(other => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows].map(row => [value(row, column), row]);
        rows.sort((a, b) => up ? compare(a[0], b[0]) : compare(b[0], a[0]));
        table.tBodies[0].append(...rows.map(row => row[1]));
      });
    });
  }

  const show = id => {
    const words = document.querySelector(`[data-search="${id}"]`).value.toLowerCase().split(/\s+/).filter(Boolean);
    const hidden = new Set(all(`[data-filter="${id}"] [aria-pressed="false"]`).map(button => button.dataset.class));
    const rows = [...document.getElementById(id).tBodies[0].rows];
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = hidden.has(row.dataset.class) || !words.every(word => text.includes(word));
    }
    document.querySelector(`[data-count="${id}"]`).textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length}`;
  };
  all(".tools").forEach(tools => { tools.hidden = false; });
  for (const input of all("[data-search]")) {
    input.addEventListener("input", () => show(input.dataset.search));
    show(input.dataset.search);
  }
  for (const button of all("[data-filter] button")) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      show(button.parentElement.dataset.filter);
    });
  }
  for (const scroll of all(".scroll")) scroll.scrollLeft = (scroll.scrollWidth - scroll.clientWidth) / 2;

  // A row that a link leads to must be visible.
  const reveal = () => { const row = location.hash && document.getElementById(location.hash.slice(1)); if (row) row.hidden = false; };
  addEventListener("hashchange", reveal);
  reveal();
})();
