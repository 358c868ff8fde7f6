// Figures: series that can be switched off, values under the pointer, saving.

// Elements of a drawing by series; a legend's samples lie outside the plots.
const seriesOf = (drawing) => {
  const series = new Map();
  for (const sample of drawing.querySelectorAll(":scope > g[data-s]")) {
    const name = (sample.querySelector("title") ?? sample.querySelector("text")).textContent; // a long name is cut in the drawing
    if (!series.has(sample.dataset.s)) series.set(sample.dataset.s, { samples: [], name });
    series.get(sample.dataset.s).samples.push(sample);
  }
  return series;
};

const togglesOf = (drawing) => {
  const toggles = [];
  for (const [code, { samples, name }] of seriesOf(drawing)) {
    const toggle = element("button", { type: "button", className: "series" }, name);
    toggle.setAttribute("aria-pressed", "true");
    const tone = samples[0].querySelector("line")?.getAttribute("stroke") ?? samples[0].querySelector("g")?.getAttribute("fill");
    toggle.style.setProperty("--tone", tone ?? "currentColor");
    const flip = () => {
      const shown = toggle.getAttribute("aria-pressed") !== "true";
      toggle.setAttribute("aria-pressed", String(shown));
      for (const part of drawing.querySelectorAll(`[data-plot] [data-s="${code}"]`)) part.style.display = shown ? "" : "none";
      for (const sample of samples) sample.style.opacity = shown ? "" : ".35";
      say(`${name}: ${shown ? "shown" : "hidden"}`);
    };
    toggle.addEventListener("click", flip);
    for (const sample of samples) {
      sample.style.cursor = "pointer";
      sample.addEventListener("click", flip);
    }
    toggles.push(toggle);
  }
  return toggles.length > 1 ? toggles : [];
};

// One axis: [kind of reading,] kind of scale, value at its beginning, value at its end.
const valueAt = ([scale, from, to], share) => (scale === "log"
  ? Math.exp(Math.log(from) + share * (Math.log(to) - Math.log(from)))
  : +from + share * (to - from));

// As many digits as the drawing can tell apart.
const told = (value, step) => {
  const size = Math.abs(value);
  const text = size > 0 && (size < 1e-4 || size >= 1e7)
    ? value.toExponential(2)
    : value.toFixed(Math.min(8, Math.max(0, Math.ceil(-Math.log10(step)))));
  return text.replace("-", "−");
};

const readings = {
  day: (x) => new Date(Math.round(x) * 86400000).toISOString().slice(0, 10),
  time: (x) => new Date(Math.round(x * 1440) * 60000).toISOString().slice(0, 16).replace("T", " "),
  whole: (x) => String(Math.round(x)),
  number: (x) => String(+x.toPrecision(3)),
  name: () => "",
};

// The height of a line at a place: that of its last vertex there, or on the straight line between two.
const heightAt = (vertices, x) => {
  let near = null;
  for (const vertex of vertices) if (!near || Math.abs(vertex[0] - x) <= Math.abs(near[0] - x)) near = vertex;
  if (Math.abs(near[0] - x) < 4) return near[1];
  const after = vertices.findIndex((vertex) => vertex[0] > x);
  if (after < 1 || vertices[after][2]) return null; // nothing lies before the first, nor in a gap
  const [[x0, y0], [x1, y1]] = vertices.slice(after - 1, after + 1);
  return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
};

// What lies under a place of a plot: where along the axis, and the value of each line there.
const valuesAt = (plot, names, label, x) => {
  const [left, right, top, bottom] = plot.dataset.plot.split(" ").map(Number);
  const [reading, ...along] = plot.dataset.x.split(" ");
  const up = plot.dataset.y.split(" ");
  const paths = [...plot.querySelectorAll('path[data-s][fill="none"]:not([data-bar])')].filter((path) => path.style.display !== "none");
  for (const path of paths) {
    path.vertices ??= [...path.getAttribute("d").matchAll(/([ML])(-?[\d.]+) (-?[\d.]+)/g)].map(([, pen, px, py]) => [+px, +py, pen === "M"]);
  }
  // At the nearest vertex of a curve; a line across the plot has a value everywhere.
  const isCurve = ({ vertices }) => vertices.length > 2 || (vertices.length === 2 && vertices[0][1] !== vertices[1][1]);
  const places = paths.filter(isCurve).flatMap((path) => path.vertices.map(([px]) => px));
  const at = places.length ? places.reduce((best, px) => (Math.abs(px - x) < Math.abs(best - x) ? px : best)) : x;
  const lines = [];
  for (const path of paths) {
    const y = path.vertices.length > 1 ? heightAt(path.vertices, at) : null;
    if (y === null) continue;
    const share = (bottom - y) / (bottom - top);
    const value = valueAt(up, share);
    const step = Math.abs(valueAt(up, share + 0.1 / (bottom - top)) - value);
    lines.push({ name: names.get(path.dataset.s)?.name ?? path.querySelector("title")?.textContent ?? "", text: told(value, step), tone: path.getAttribute("stroke") });
  }
  for (const band of plot.querySelectorAll("path[data-band]")) {
    if (band.style.display === "none") continue;
    // Its upper edge from left to right, then its lower one back.
    band.vertices ??= [...band.getAttribute("d").matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, px, py]) => [+px, +py]);
    const place = band.vertices.slice(0, band.vertices.length / 2).findIndex(([px]) => Math.abs(px - at) < 0.5);
    if (place < 0) continue;
    const ends = [band.vertices[band.vertices.length - 1 - place], band.vertices[place]].map(([, y]) => (bottom - y) / (bottom - top));
    const texts = ends.map((share) => told(valueAt(up, share), Math.abs(valueAt(up, share + 0.1 / (bottom - top)) - valueAt(up, share))));
    lines.push({ name: band.querySelector("title")?.textContent ?? "", text: texts.join(" to "), tone: band.getAttribute("fill") });
  }
  if (!lines.length) return null;
  const where = (readings[reading] ?? readings.number)(valueAt(along, (at - left) / (right - left)));
  return { at, top, bottom, where: where && [label, where].filter(Boolean).join(" "), lines };
};

const tip = element("div", { className: "tip", hidden: true });
tip.setAttribute("aria-hidden", "true"); // the same numbers stand in the figure's table

const showTip = (event, ...parts) => {
  tip.replaceChildren(...parts);
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const x = event.clientX + 16 + width > innerWidth ? event.clientX - 16 - width : event.clientX + 16;
  tip.style.left = `${Math.max(4, x)}px`;
  tip.style.top = `${Math.max(4, Math.min(event.clientY + 14, innerHeight - height - 4))}px`;
};

const makeReadable = (drawing) => {
  const names = seriesOf(drawing);
  const label = drawing.querySelector(":scope > text[data-axis]")?.textContent ?? "";
  const guide = document.createElementNS(drawing.namespaceURI, "path");
  guide.setAttribute("stroke", "currentColor");
  guide.setAttribute("stroke-dasharray", "3 3");
  guide.setAttribute("opacity", ".55");
  guide.style.pointerEvents = "none";
  const leave = () => { tip.hidden = true; guide.remove(); drawing.lent?.(); };
  // A finger leaves when it is lifted, but the values stay until the next touch.
  drawing.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") leave(); });
  document.addEventListener("pointerdown", leave, { capture: true });
  const read = (event) => {
    leave();
    const under = document.elementsFromPoint(event.clientX, event.clientY)
      .filter((one) => drawing.contains(one) && one.querySelector(":scope > title") && one !== drawing);
    const title = under[0]?.querySelector(":scope > title");
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    const plot = [...drawing.querySelectorAll("[data-plot]")].find((one) => {
      const [left, right, top, bottom] = one.dataset.plot.split(" ").map(Number);
      return place.x >= left - 4 && place.x <= right + 4 && place.y >= top - 4 && place.y <= bottom + 4;
    });
    const isMark = under[0]?.matches("circle, polygon, rect, image");
    const found = !isMark && plot && valuesAt(plot, names, label, place.x);
    if (found) {
      guide.setAttribute("d", `M${found.at} ${found.top}V${found.bottom}`);
      plot.append(guide);
      const rows = found.lines.map((line) => {
        const row = element("div", {}, element("b", {}, line.text), ` ${line.name}`);
        row.style.setProperty("--tone", line.tone);
        return row;
      });
      showTip(event, ...(found.where ? [element("div", { className: "where" }, found.where)] : []), ...rows);
    } else if (title) showTip(event, title.textContent);
    if (title) {
      // Lent while the pointer is here, so that the browser does not show it a second time.
      const text = title.textContent;
      title.textContent = "";
      drawing.lent = () => { title.textContent = text; drawing.lent = null; };
    }
  };
  drawing.addEventListener("pointermove", read);
  drawing.addEventListener("pointerdown", read);
};

const save = (blob, name) => {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};

// A drawing as it is seen, as a file of its own: it holds its colours on white itself.
const savesOf = (drawing, title) => {
  const name = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "figure";
  // Its own colours take the place of the page's.
  const source = () => new XMLSerializer().serializeToString(drawing).replace(/var\(--[\w-]+,\s*([^()]+)\)/g, "$1");
  return [
    tool("SVG", `Save as SVG: ${title}`, async () => {
      save(new Blob([source()], { type: "image/svg+xml" }), `${name}.svg`);
      return "Saved as SVG";
    }),
    tool("PNG", `Save as PNG: ${title}`, async () => {
      const { width, height } = drawing.viewBox.baseVal;
      const image = new Image(width * 3, height * 3);
      image.src = `data:image/svg+xml,${encodeURIComponent(source().replace('width="100%"', `width="${width * 3}" height="${height * 3}"`))}`;
      await image.decode();
      const canvas = element("canvas", { width: width * 3, height: height * 3 });
      const context = canvas.getContext("2d");
      context.fillStyle = "#fff";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      save(await new Promise((done) => canvas.toBlob(done, "image/png")), `${name}.png`);
      return "Saved as PNG";
    }),
  ];
};

const equipFigure = (figure) => {
  const drawing = figure.querySelector(".drawing > svg");
  const title = figure.querySelector("h3").textContent.trim();
  makeReadable(drawing);
  figure.querySelector(".drawing + .tools").append(...togglesOf(drawing), element("span", {}, "Save as ", ...savesOf(drawing, title)));
};
