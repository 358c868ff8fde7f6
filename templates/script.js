"use strict";
// The page is whole without this: it adds a switch between light and dark, sorting, filtering, copying and saving.
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
      head.dataset.column = column;
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

  // What was copied or saved, for those who hear the page.
  const status = document.createElement("p");
  status.className = "hidden";
  status.setAttribute("role", "status");
  document.body.append(status);

  // A row of buttons: [text, what screen readers say, what it does and then says].
  const tools = (buttons) => {
    const row = document.createElement("div");
    row.className = "tools";
    for (const [text, label, act] of buttons) {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = text;
      made.setAttribute("aria-label", label);
      made.addEventListener("click", async () => {
        let said;
        try { said = await act(); } catch (error) { said = `That did not work: ${error.message}`; }
        status.textContent = said;
        made.textContent = said.startsWith("That") ? "✕" : "✓";
        setTimeout(() => { made.textContent = text; }, 1500);
      });
      row.append(made);
    }
    return row;
  };

  // The text of a cell without what only screen readers read.
  const seen = (cell) => {
    const copy = cell.cloneNode(true);
    for (const unseen of copy.querySelectorAll(".hidden, .star, .cross")) unseen.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  };
  // Headings, and rows that the filter shows, in the order on the page; the best of a column is marked.
  const content = (table) => {
    const heads = [...table.querySelectorAll("thead th")]
      .filter((head) => head.scope !== "colgroup")
      .map((head) => [head.dataset.column, head.getAttribute("aria-label") ?? seen(head)]);
    heads.sort(([a], [b]) => a - b);
    const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
    return [heads.map(([, text]) => text), rows.map((row) => [...row.cells].map((cell) =>
      ({ text: seen(cell), best: cell.classList.contains("best") })))];
  };
  const formats = {
    Markdown: ([heads, rows]) => {
      const safe = (text) => text.replace(/[\\|*_`<>]/g, "\\$&");
      const line = (cells) => `| ${cells.join(" | ")} |`;
      return [line(heads.map(safe)), line(heads.map(() => "---")), ...rows.map((row) =>
        line(row.map(({ text, best }) => best ? `**${safe(text)}**` : safe(text))))].join("\n");
    },
    CSV: ([heads, rows]) => {
      const safe = (text) => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
      return [heads, ...rows.map((row) => row.map(({ text }) => text))]
        .map((row) => row.map((text) => safe(text.replaceAll("−", "-"))).join(",")).join("\r\n");
    },
    LaTeX: ([heads, rows]) => {
      const codes = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "±": "$\\pm$", "²": "$^2$", "→": "$\\to$", "·": "$\\cdot$" };
      const safe = (text) => text.replace(/[\\~^−±²→·]|[&%$#_{}]/g, (c) => codes[c] ?? `\\${c}`);
      const line = (cells) => `  ${cells.join(" & ")} \\\\`;
      return [`\\begin{tabular}{${"l".repeat(heads.length)}}`, "  \\hline", line(heads.map(safe)), "  \\hline", ...rows.map((row) =>
        line(row.map(({ text, best }) => best ? `\\textbf{${safe(text)}}` : safe(text)))), "  \\hline", "\\end{tabular}"].join("\n");
    },
  };
  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); return; } catch { /* an older way follows */ }
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("the browser refuses to copy");
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const around = table.closest(".scroll") ?? table;
    const name = around.getAttribute("aria-label") ?? "table";
    const row = tools(Object.entries(formats).map(([format, write]) =>
      [format, `Copy as ${format}: ${name}`, async () => { await copy(write(content(table))); return `Copied as ${format}`; }]));
    row.prepend("Copy as ");
    if (table.tBodies[0].rows.length > 8) {
      const filter = document.createElement("input");
      filter.type = "search";
      filter.placeholder = "Filter rows";
      filter.setAttribute("aria-label", `Filter rows: ${name}`);
      filter.addEventListener("input", () => {
        const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
        let left = 0;
        for (const line of table.tBodies[0].rows) {
          const text = line.textContent.toLowerCase();
          line.hidden = !words.every((word) => text.includes(word));
          left += line.hidden ? 0 : 1;
        }
        status.textContent = `${left} rows`;
      });
      row.prepend(filter);
    }
    around.before(row);
  }

  // Drawings as files. They hold their colours on white themselves.
  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  for (const figure of document.querySelectorAll("figure:has(.drawing svg)")) {
    const drawing = figure.querySelector(".drawing");
    const title = figure.querySelector("h4")?.textContent.trim() ?? "figure";
    const name = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
    const source = () => new XMLSerializer().serializeToString(drawing.querySelector("svg"));
    drawing.after(tools([
      ["SVG", `Save as SVG: ${title}`, async () => {
        save(new Blob([source()], { type: "image/svg+xml" }), `${name}.svg`);
        return "Saved as SVG";
      }],
      ["PNG", `Save as PNG: ${title}`, async () => {
        const { width, height } = drawing.querySelector("svg").viewBox.baseVal;
        const image = new Image(width * 3, height * 3);
        image.src = `data:image/svg+xml,${encodeURIComponent(source().replace('width="100%"', `width="${width * 3}" height="${height * 3}"`))}`;
        await image.decode();
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [width * 3, height * 3];
        const context = canvas.getContext("2d");
        context.fillStyle = "#fff";
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        save(await new Promise((done) => canvas.toBlob(done, "image/png")), `${name}.png`);
        return "Saved as PNG";
      }],
    ]));
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
