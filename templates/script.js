// The page is whole without this: it adds a switch between light and dark, and equips tables and figures.
const root = document.documentElement;

const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

// What was done, for those who hear the page.
const status = element("p", { className: "hidden" });
status.setAttribute("role", "status");
const say = (text) => { status.textContent = text; };

// A small button: its text, what screen readers say, what it does and then says.
const tool = (text, label, act) => {
  const button = element("button", { type: "button" }, text);
  button.setAttribute("aria-label", label);
  button.addEventListener("click", async () => {
    let mark = "✓";
    try { say(await act()); } catch (error) { mark = "✕"; say(`That did not work: ${error.message}`); }
    button.textContent = mark;
    setTimeout(() => { button.textContent = text; }, 1500);
  });
  return button;
};

const equipTheme = (button) => {
  const themes = { auto: "◐ Auto", light: "☀ Light", dark: "☾ Dark" };
  const show = (theme) => {
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    button.textContent = themes[theme];
    button.setAttribute("aria-label", `Colours: ${theme}. Change`);
  };
  let theme = "auto";
  try { theme = localStorage.getItem("theme") ?? theme; } catch { /* nothing is kept where the browser forbids it */ }
  if (!(theme in themes)) theme = "auto";
  show(theme);
  button.hidden = false;
  button.addEventListener("click", () => {
    const names = Object.keys(themes);
    theme = names[(names.indexOf(theme) + 1) % names.length];
    show(theme);
    try { localStorage.setItem("theme", theme); } catch { /* kept for this page alone */ }
  });
};
