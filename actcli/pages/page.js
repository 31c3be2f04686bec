// The page: its state in the address, copy buttons, theme, places of properties.

const data = JSON.parse(document.getElementById("actcli-data").textContent);
const known = new Map(data.functions.map(f => [f.label, f]));

window.actcli = {
  evaluate(name, x, parameters = {}) {
    const f = known.get(name) || data.functions.find(g => g.name === name);
    if (!f) throw new RangeError(`no function here is called ${name}`);
    const made = Object.fromEntries(f.parameters.map(p => [p.name, p.value]));
    return evaluated(formulas[f.key], x, {...made, ...parameters}).slice(0, 3);
  },
};

function copyButtons(root) {
  for (const button of root.querySelectorAll("button[name=copy]")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "selected";
      }
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
    button.hidden = false;
  }
}

// A parameter's key in the address: its name, with the function before it where several have one.
function addressKey(explorer, f, p) {
  const alone = explorer.functions.filter(g => g.parameters.some(q => q.name === p.name)).length === 1;
  return alone ? p.name : `${explorer.functions.indexOf(f) + 1}.${p.name}`;
}

function writeState(explorer, more = {}) {
  const state = new URLSearchParams(more);
  for (const f of explorer.functions) {
    for (const p of f.parameters) {
      const value = explorer.values.get(f.label)[p.name];
      if (value !== p.value) state.set(addressKey(explorer, f, p), exactText(value));
    }
  }
  if (explorer.x !== explorer.made.x) state.set("x", exactText(explorer.x));
  if (explorer.low !== explorer.made.low || explorer.high !== explorer.made.high) {
    state.set("r", `${exactText(explorer.low)}:${exactText(explorer.high)}`);
  }
  try {
    history.replaceState(null, "", `#${state}`);
  } catch { /* a frame without an address */ }
}

function readState(explorer, text) {
  const state = new URLSearchParams(text.replace(/^#/, ""));
  for (const f of explorer.functions) {
    for (const p of f.parameters) {
      const given = state.get(addressKey(explorer, f, p));
      if (given !== null && given.trim() !== "") explorer.set(f, p, Number(given), true);
    }
  }
  const [low, high] = (state.get("r") || "").split(":").map(Number);
  if (low < high && Number.isFinite(high - low)) Object.assign(explorer, {low, high});
  const x = state.get("x");
  if (x && Number.isFinite(Number(x))) explorer.x = Number(x);
  explorer.redraw();
}

let saving = 0;
function later(work) {
  clearTimeout(saving);
  saving = setTimeout(work, 150);
}

function themes(button) {
  const names = ["auto", "light", "dark"];
  const root = document.documentElement;
  button.hidden = false;
  const show = () => { button.textContent = `theme: ${root.dataset.theme}`; };
  button.addEventListener("click", () => {
    root.dataset.theme = names[(names.indexOf(root.dataset.theme) + 1) % names.length];
    show();
  });
  show();
}

function places(root, explorer) {
  for (const button of root.querySelectorAll("button[data-x]")) {
    button.addEventListener("click", () => {
      explorer.go(Number(button.dataset.x), true);
      const curves = explorer.root.querySelector("[data-part=curves]");
      if (curves) curves.scrollIntoView({block: "nearest"});
    });
    button.disabled = false;
  }
}
