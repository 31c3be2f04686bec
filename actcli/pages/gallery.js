// The gallery: search, families, sorting, thumbnails, and one row at a time that is open.

const rows = [...document.querySelectorAll("tr[data-name]")];
const body = rows[0].parentElement;
const search = document.getElementById("search"), family = document.getElementById("family");
const count = document.getElementById("count");
let opened = null;  // {name, row, explorer}

function matching() {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const f = known.get(row.dataset.name);
    const fits = (!family.value || row.dataset.family === family.value)
      && wanted.every(word => f.text.includes(word.replaceAll("-", "_")) || f.text.includes(word));
    row.hidden = !fits;
    shown += fits;
    if (!fits && opened && opened.name === f.name) close();
  }
  count.textContent = `${shown} of ${rows.length}`;
  keepState();
}

function keepState() {
  later(() => {
    const more = {};
    if (family.value) more.family = family.value;
    if (search.value) more.q = search.value;
    if (opened) more.open = opened.name;
    if (opened) return writeState(opened.explorer, more);
    try {
      history.replaceState(null, "", `#${new URLSearchParams(more)}`);
    } catch { /* a frame without an address */ }
  });
}

// -- sorting --------------------------------------------------------------------------------------
function sortBy(head, direction) {
  const name = head.dataset.sort;
  const key = row => {
    const cell = row.querySelector(`td[data-column="${name}"]`);
    if (!cell) return [0, row.dataset.name];
    return cell.dataset.order === "" ? [1, cell.textContent] : [0, Number(cell.dataset.order)];
  };
  const sorted = rows.map(row => [key(row), row]).sort(([[p, a]], [[q, b]]) =>
    (p - q || (a < b ? -1 : a > b ? 1 : 0)) * direction);
  for (const [, row] of sorted) {
    body.append(row);
    if (opened && opened.name === row.dataset.name) body.append(opened.row);
  }
  for (const other of document.querySelectorAll("th[data-sort]")) {
    other.setAttribute("aria-sort", other === head ? (direction > 0 ? "ascending" : "descending") : "none");
  }
}

// -- an open row ----------------------------------------------------------------------------------
function close() {
  if (!opened) return;
  opened.explorer.close();
  opened.row.remove();
  opener(opened.name).setAttribute("aria-expanded", "false");
  opened = null;
  keepState();
}

function opener(name) {
  return rows.find(row => row.dataset.name === name).querySelector(".opener");
}

function open(name, state = "") {
  close();
  const f = known.get(name), row = rows.find(each => each.dataset.name === name);
  const content = document.getElementById("row").content.cloneNode(true);
  for (const code of content.querySelectorAll("code")) {
    code.textContent = code.textContent.replace("{F}", f.name);
  }
  content.querySelector("[data-part=properties]").append(propertiesTable(f));
  const cell = element("td", {colspan: row.cells.length});
  cell.append(content);
  const below = element("tr", {class: "open"}, cell);
  row.after(below);
  const explorer = new Explorer(cell, [f], data.view, keepState);
  opened = {name, row: below, explorer};
  new Depth(explorer, cell.querySelector("[data-part=depth]"));
  copyButtons(cell);
  places(cell, explorer);
  opener(name).setAttribute("aria-expanded", "true");
  if (state) readState(explorer, state);
  explorer.redraw();
  keepState();
}

function propertiesTable(f) {
  const made = f.properties.map(([verdict, value, detail, ...xs], k) => {
    const cell = element("td", {"data-function": f.label}, element("b", {class: verdict}, verdict), " ",
      data.texts[value], element("br"), data.texts[detail]);
    for (const x of xs) {
      cell.append(" ", element("button", {type: "button", "data-x": exactText(x)}, sixDigits(x)));
    }
    return element("tr", {"data-property": data.names[k]},
      element("th", {scope: "row"}, data.names[k].replaceAll("_", " ")), cell);
  });
  const note = element("p", {"data-part": "made", role: "status", hidden: true},
    "A slider has moved: what follows holds for the values that this page was made with.");
  return element("div", {}, note, element("table", {class: "stacked"}, element("tbody", {}, ...made)));
}

// -- thumbnails -----------------------------------------------------------------------------------
function thumbnail(row) {
  const f = known.get(row.dataset.name);
  const values = Object.fromEntries(f.parameters.map(p => [p.name, p.value]));
  const samples = sampled(x => evaluated(formulas[f.key], x, values), data.view.low, data.view.high, 120);
  const curves = [0, 1].map(order => curveOf(samples, order, data.view.low, data.view.high));
  const [bottom, top] = heightOf(curves, data.view.low, data.view.high);
  const px = x => (x - data.view.low) / (data.view.high - data.view.low) * 90;
  const py = y => Math.min(Math.max((top - y) / (top - bottom) * 56, -200), 300);
  const path = pieces => pieces.map(piece => piece.map(([x, y], k) =>
    `${k ? "L" : "M"}${px(x).toFixed(1)} ${py(y).toFixed(1)}`).join("")).join("");
  row.querySelector(".thumb").append(shape("svg", {viewBox: "0 0 90 56", width: 90, height: 56, role: "img",
    "aria-label": `value and gradient of ${f.label}`},
  shape("line", {class: "axis", x1: 0, x2: 90, y1: py(0).toFixed(1), y2: py(0).toFixed(1)}),
  shape("path", {class: "curve c1", d: path(curves[1].pieces)}),
  shape("path", {class: "curve c0", d: path(curves[0].pieces)})));
}

const drawing = new IntersectionObserver(entries => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    drawing.unobserve(entry.target);
    thumbnail(entry.target);
  }
}, {rootMargin: "300px"});

copyButtons(document);
themes(document.getElementById("theme"));
for (const row of rows) {
  drawing.observe(row);
  const button = row.querySelector(".opener");
  button.disabled = false;
  button.addEventListener("click", () => {
    if (opened && opened.name === row.dataset.name) close(); else open(row.dataset.name);
  });
}
addEventListener("beforeprint", () => {
  for (const row of rows) if (!row.querySelector(".thumb svg")) { drawing.unobserve(row); thumbnail(row); }
});
for (const head of document.querySelectorAll("th[data-sort]")) {
  const button = head.querySelector("button");
  button.disabled = false;
  button.addEventListener("click", () => {
    sortBy(head, head.getAttribute("aria-sort") === "ascending" ? -1 : 1);
  });
}
search.addEventListener("input", matching);
family.addEventListener("change", matching);

function restore() {
  const state = new URLSearchParams(location.hash.replace(/^#/, ""));
  search.value = state.get("q") || "";
  family.value = state.get("family") || "";
  if (family.selectedIndex < 0) family.value = "";
  const name = state.get("open"), text = location.hash;
  matching();
  if (name && known.has(name)) {
    if (!opened || opened.name !== name) open(name, text); else readState(opened.explorer, text);
  }
}

restore();
addEventListener("hashchange", restore);
