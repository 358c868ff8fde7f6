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


// Work for when there is nothing else to do; the report says when all of it is done.
const jobs = [];
let isWorking = false;
const later = window.requestIdleCallback?.bind(window) ?? ((work) => setTimeout(() => {
  const end = performance.now() + 8;
  work({ timeRemaining: () => end - performance.now() });
}, 16));
const work = (time) => {
  while (jobs.length && time.timeRemaining() > 3) jobs.shift()();
  isWorking = jobs.length > 0;
  if (isWorking) later(work); else root.dataset.ready = "";
};
// The page that is shown is prepared first, then the others; those of a large report when they are shown, and what is folded in
// them when it is unfolded.
const MOST_PREPARED = 6e6;
const isLarge = texts(document).reduce((sum, one) => sum + one.textContent.length, 0) > MOST_PREPARED;
const pages = [...document.querySelectorAll("#overview, .experiment")];
const waiting = new Set(pages);
const prepare = (page) => {
  if (!waiting.delete(page)) return;
  jobs.push(...within(page).map((one) => () => equip(one)));
  if (!isLarge) jobs.push(...texts(page).map((one) => () => make(one)));
  if (isWorking) return;
  isWorking = true;
  delete root.dataset.ready;
  later(work);
};
const show = () => {
  for (const page of pages) {
    const isShown = page.checkVisibility();
    for (const link of document.querySelectorAll(`.contents [href='#${page.id}']`)) {
      if (isShown && pages.length > 1) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
    if (isShown) prepare(page);
  }
};
show();
if (!isLarge) for (const page of pages) prepare(page);
document.addEventListener("toggle", (event) => {
  if (!event.target.open) return;
  for (const one of texts(event.target)) if (one.parentElement.closest("details") === event.target) make(one);
  for (const one of within(event.target)) equip(one);
}, { capture: true });

// A link to a folded part unfolds it, also to one that is not made yet.
const unfold = () => {
  let id = location.hash.slice(1);
  try { id = decodeURIComponent(id); } catch { /* an address that somebody typed */ }
  const text = id && !document.getElementById(id) && texts(document).find((one) => one.textContent.includes(`id="${id}"`));
  if (text) {
    make(text);
    location.replace(`#${id}`); // what was not there was no target yet
  }
  const target = id && document.getElementById(id);
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  show();
  if (target) target.scrollIntoView();
};
addEventListener("hashchange", unfold);
if (location.hash) unfold();

// Paper shows what is folded, but for single cells and the numbers behind figures.
addEventListener("beforeprint", () => { for (const one of document.querySelectorAll(".drawing > noscript.later")) make(one); });
