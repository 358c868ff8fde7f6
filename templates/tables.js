// Tables: sorting, filtering, what is shown of the seeds, copying.

// A cell's number: its own sorting value, else the number that its text begins with. `< 0.001` lies below 0.001; a dash is no
// value.
const sortKey = (cell) => {
  const text = (cell.dataset.sort ?? cell.textContent).trim();
  const [, side, digits] = text.replaceAll("−", "-").replaceAll(",", "").match(/^([<>]?)\s*(-?\d[\d.]*(?:e[-+]?\d+)?)/) ?? [];
  return { text: text === "–" ? "" : text, number: parseFloat(digits) * ({ "<": 0.999, ">": 1.001 }[side] ?? 1) };
};
const inOrder = (a, b) => {
  const numbers = Number.isFinite(a.number) && Number.isFinite(b.number);
  return numbers && a.number !== b.number ? a.number - b.number : a.text.localeCompare(b.text);
};

// [heading, column] of each heading that stands over one column, also where headings have two rows.
const headings = (table) => {
  const [above, below] = [...table.tHead.rows].map((row) => [...row.cells]);
  if (!below) return above.map((head, column) => [head, column]);
  const found = [];
  for (const head of above) {
    if (head.rowSpan > 1) found.push([head, found.length]);
    else for (let i = 0; i < head.colSpan; i++) found.push([below.shift(), found.length]);
  }
  return found;
};

// Headings become buttons that sort; cells without a value stay last.
const makeSortable = (table) => {
  const heads = headings(table);
  for (const [head, column] of heads) {
    if (head.classList.contains("plain") || !head.textContent) continue;
    const sorter = element("button", { type: "button" }, ...head.childNodes);
    head.append(sorter);
    sorter.addEventListener("click", () => {
      const falling = head.getAttribute("aria-sort") === "ascending";
      for (const [other] of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows].map((row) => [sortKey(row.cells[column]), row]);
      const [full, empty] = [rows.filter(([key]) => key.text), rows.filter(([key]) => !key.text)];
      full.sort(([a], [b]) => (falling ? inOrder(b, a) : inOrder(a, b)));
      table.tBodies[0].append(...full.concat(empty).map(([, row]) => row));
    });
  }
};

// The text of a cell as the table shows it, without marks and what only screen readers read.
const seen = (cell, shown) => {
  const copy = cell.cloneNode(true);
  const each = copy.querySelector(".each");
  const unseen = { mean: ".spread, .each", each: each ? ".mean, .spread" : ".each" }[shown] ?? ".each";
  for (const part of copy.querySelectorAll(`.hidden, .star, .cross, .gap, ${unseen}`)) part.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
};

// Headings, and the rows that the filter shows, in the order on the page; the best of a column is marked.
const content = (table) => {
  const heads = headings(table).map(([head]) => head.getAttribute("aria-label") ?? seen(head));
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
  return [heads, rows.map((row) => [...row.cells].map((cell) =>
    ({ text: seen(cell, table.dataset.show), best: cell.classList.contains("best") })))];
};

// What programs read: plain numbers with all their digits, one in each column; text that no spreadsheet takes for a formula.
const NUMBER = "[−-]?(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)?(?:e[−+-]?\\d+)?";
// A value with its half width or its ends and its unit, or two values.
const SHAPES = [
  [["lowest", "highest"], new RegExp(`^(${NUMBER}) to (${NUMBER})$`)],
  [["first", "second"], new RegExp(`^(${NUMBER}) vs (${NUMBER})$`)],
  [["", "half width", "low", "high", "unit"], new RegExp(`^(${NUMBER})(?: ± (${NUMBER}))?(?: \\((${NUMBER}) to (${NUMBER})\\))?(?: ([^\\d(±].*))?$`)],
];
const plain = (text) => text.replaceAll(",", "").replaceAll("−", "-");
// The parts of a cell by the name of their column; a single text is the part of no name.
const partsOf = (cell, shown) => {
  const { sort, half, each } = cell.dataset;
  if (shown === "each" && each) {
    return Object.fromEntries(each.split(" ").map((one) => one.split("=")).map(([seed, value]) => [`seed ${seed}`, value]));
  }
  if (sort) return half && shown !== "mean" ? { "": sort, "half width": half } : { "": sort };
  const text = seen(cell, shown);
  for (const [names, shape] of SHAPES) {
    const [, ...parts] = text.match(shape) ?? [];
    if (parts.length) {
      return Object.fromEntries(names.map((name, i) => [name, name === "unit" ? parts[i] : parts[i] && plain(parts[i])]).filter(([, part]) => part));
    }
  }
  return text === "–" || text === "" ? {} : { "": text };
};
const isNumber = (text) => new RegExp(`^${NUMBER}$`).test(text);
// A column of names and dates is left as it is, whatever some of them look like.
const columnOf = (cells, shown) => {
  const isMeasured = cells.some((cell) => cell.dataset.sort !== undefined);
  const parts = cells.map((cell) => partsOf(cell, shown));
  const isText = (part) => part[""] && !isNumber(part[""]) && !/^[<>] /.test(part[""]);
  if (!isMeasured && parts.some(isText)) return cells.map((cell) => ({ "": seen(cell, shown) }));
  return parts;
};
const toCsv = (table) => {
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
  const columns = headings(table).flatMap(([head, column]) => {
    const parts = columnOf(rows.map((row) => row.cells[column]), table.dataset.show);
    const names = [...new Set(parts.flatMap(Object.keys))].sort((a, b) => (a !== "") - (b !== ""));
    const heading = head.getAttribute("aria-label") ?? seen(head);
    return (names.length ? names : [""]).map((name) => [name ? `${heading}, ${name}` : heading, ...parts.map((part) => part[name] ?? "")]);
  });
  const safe = (text) => {
    const told = !isNumber(text) && /^[=+@\t\r−-]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(told) ? `"${told.replaceAll('"', '""')}"` : told;
  };
  return [...Array(rows.length + 1).keys()].map((line) => columns.map((column) => safe(column[line])).join(",")).join("\r\n");
};

const formats = {
  Markdown: (table) => {
    const [heads, rows] = content(table);
    const safe = (text) => text.replace(/[\\|*_`<>]/g, "\\$&");
    const line = (cells) => `| ${cells.join(" | ")} |`;
    return [line(heads.map(safe)), line(heads.map(() => "---")), ...rows.map((row) =>
      line(row.map(({ text, best }) => best ? `**${safe(text)}**` : safe(text))))].join("\n");
  },
  CSV: toCsv,
  LaTeX: (table) => {
    const [heads, rows] = content(table);
    const codes = { "<": "$<$", ">": "$>$", "|": "\\textbar{}", "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "±": "$\\pm$", "²": "$^2$", "→": "$\\to$", "·": "$\\cdot$" };
    const safe = (text) => text.replace(/[<>|\\~^−±²→·]|[&%$#_{}]/g, (c) => codes[c] ?? `\\${c}`);
    const line = (cells) => `  ${cells.join(" & ")} \\\\`;
    return [`\\begin{tabular}{${"l".repeat(heads.length)}}`, "  \\hline", line(heads.map(safe)), "  \\hline", ...rows.map((row) =>
      line(row.map(({ text, best }) => best ? `\\textbf{${safe(text)}}` : safe(text)))), "  \\hline", "\\end{tabular}"].join("\n");
  },
};

const copy = async (text) => {
  try { await navigator.clipboard.writeText(text); return; } catch { /* an older way follows */ }
  const area = element("textarea", { value: text });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser refuses to copy");
};

// A field that leaves the rows which hold all its words.
const filterOf = (table, name) => {
  const filter = element("input", { type: "search", placeholder: "Filter rows" });
  filter.setAttribute("aria-label", `Filter rows: ${name}`);
  filter.addEventListener("input", () => {
    const plain = (text) => text.toLowerCase().replaceAll("−", "-");
    const words = plain(filter.value).split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of table.tBodies[0].rows) {
      const text = plain([...row.cells].map((cell) => cell.textContent).join(" "));
      row.hidden = !words.every((word) => text.includes(word));
      left += row.hidden ? 0 : 1;
    }
    say(left === 1 ? "1 row" : `${left} rows`);
  });
  return filter;
};

// What a value of several seeds shows.
const choiceOf = (table, name) => {
  const isRange = [...table.querySelectorAll(".each")].some((each) => each.textContent.includes(" to "));
  const each = isRange ? "lowest to highest seed" : "each seed";
  const choice = element("select", {}, ...[["interval", "mean ± interval"], ["mean", "mean"], ["each", each]]
    .map(([value, text]) => element("option", { value }, text)));
  choice.setAttribute("aria-label", `What is shown of the seeds: ${name}`);
  choice.addEventListener("change", () => {
    table.dataset.show = choice.value;
    say(`Shown: ${choice.selectedOptions[0].textContent}`);
  });
  return choice;
};

const equipTable = (table) => {
  const around = table.closest(".scroll");
  const name = around.getAttribute("aria-label");
  makeSortable(table);
  const place = around.previousElementSibling;
  if (table.tBodies[0].rows.length > 8) place.append(filterOf(table, name));
  if (table.querySelector(".each")) place.append(element("span", {}, "Show ", choiceOf(table, name)));
  place.append(element("span", {}, "Copy as ", ...Object.entries(formats).map(([format, write]) =>
    tool(format, `Copy as ${format}: ${name}`, async () => { await copy(write(table)); return `Copied as ${format}`; }))));
};
