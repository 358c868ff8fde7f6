// Begins when all of the page is there.
document.body.append(status, tip);
equipTheme(document.getElementById("theme"));

// Tables and figures that can be seen are equipped while the page has nothing else to do, the folded ones when they unfold:
// a page of hundreds of tables is there at once. So that it is, what is folded and large comes as text and becomes elements
// in the same way.
const equipped = new WeakSet();
const equip = (one) => {
  if (equipped.has(one)) return;
  equipped.add(one);
  if (one.tagName === "TABLE") equipTable(one); else equipFigure(one);
};
const within = (part) => [...part.querySelectorAll("table.sortable, figure:has(> .drawing > svg)")]
  .filter((one) => !equipped.has(one) && !one.parentElement.closest("details:not([open])"));
const make = (text) => {
  if (text.isConnected) text.replaceWith(document.createRange().createContextualFragment(text.textContent));
};
const texts = (part) => [...part.querySelectorAll("noscript.later")];

const jobs = within(document).map((one) => () => equip(one)).concat(texts(document).map((one) => () => make(one)));
let done = 0;
const later = window.requestIdleCallback?.bind(window) ?? ((work) => setTimeout(() => {
  const end = performance.now() + 8;
  work({ timeRemaining: () => end - performance.now() });
}, 16));
const work = (time) => {
  while (done < jobs.length && time.timeRemaining() > 3) jobs[done++]();
  if (done < jobs.length) later(work); else root.dataset.ready = "";
};
later(work);
document.addEventListener("toggle", (event) => {
  if (!event.target.open) return;
  for (const one of texts(event.target)) if (one.parentElement.closest("details") === event.target) make(one);
  for (const one of within(event.target)) equip(one);
}, { capture: true });

// A link to a folded part unfolds it.
const unfold = () => {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id && document.getElementById(id);
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  if (target) target.scrollIntoView();
};
addEventListener("hashchange", unfold);
if (location.hash) unfold();
