"use strict";
// The page is whole without this: it adds a switch between light and dark, and sorting.
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const themes = ["auto", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const show = (theme) => {
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    button.textContent = { auto: "◐ Auto", light: "☀ Light", dark: "☾ Dark" }[theme];
    button.setAttribute("aria-label", `Colours: ${theme}. Change`);
  };
  let theme = themes.includes(stored()) ? stored() : "auto";
  show(theme);
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    show(theme);
    try { localStorage.setItem("theme", theme); } catch { /* kept for this page alone */ }
  });

  // A cell's number: its own sorting value, else the first number of its text.
  const key = (cell) => {
    const text = cell.dataset.sort ?? cell.textContent.trim();
    const number = parseFloat(text.replace(/,/g, "").replace("−", "-"));
    return { text, number };
  };
  const compare = (a, b) => {
    if (!a.text || !b.text) return (a.text ? 0 : 1) - (b.text ? 0 : 1);
    const numbers = Number.isFinite(a.number) && Number.isFinite(b.number);
    return numbers && a.number !== b.number ? a.number - b.number : a.text.localeCompare(b.text);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    // The place of each heading's column, where headings have two rows.
    const heads = table.tHead.rows.length === 1
      ? [...table.tHead.rows[0].cells].map((head, column) => [head, column])
      : (() => {
        const found = [], below = [...table.tHead.rows[1].cells];
        let column = 0;
        for (const head of table.tHead.rows[0].cells) {
          if (head.rowSpan > 1) found.push([head, column++]);
          else for (let i = 0; i < head.colSpan; i++) found.push([below.shift(), column++]);
        }
        return found;
      })();
    for (const [head, column] of heads) {
      if (head.classList.contains("plain")) continue;
      const sorter = document.createElement("button");
      sorter.type = "button";
      sorter.append(...head.childNodes);
      head.append(sorter);
      sorter.addEventListener("click", () => {
        const falling = head.getAttribute("aria-sort") === "ascending";
        for (const [other] of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", falling ? "descending" : "ascending");
        const rows = [...body.rows].map((row) => [key(row.cells[column]), row]);
        rows.sort(([a], [b]) => (a.text && b.text && falling ? compare(b, a) : compare(a, b)));
        body.append(...rows.map(([, row]) => row));
      });
    }
  }

  // A link to a cell unfolds it.
  const unfold = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();
})();
