// The part that is played with: sliders, panels, the numbers at x. One for a page, one for each
// open row of the gallery.

const QUANTITIES = ["value", "gradient", "curvature"];

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value !== undefined) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

// [value, gradient, curvature, conditions] for curves. Where doubles overflow on the way, far out, a
// slope is the quotient of differences.
function computed(compute, x, values) {
  const y = compute(x, values);
  if (Number.isNaN(y[0])) return [NaN, NaN, NaN, y[3]];
  for (const order of [1, 2]) {
    if (Number.isFinite(y[order - 1]) && !Number.isFinite(y[order]) && Math.abs(x) > 100) {
      y[order] = order === 1 ? quotient(compute, x, values, 1, Math.abs(x) * 1e-6) : 0;
    }
  }
  return y;
}

function quotient(compute, x, values, order, h) {
  const [low, high] = [x - h, x + h].map(t => compute(t, values)[order - 1]);
  return (high - low) / (2 * h);
}

// The same to be told as numbers: none at a pole; where branches meet with equal slopes, the slope is
// theirs, and at a single point between two parts of one branch, whose formula may not be sound next
// to it, the quotient of differences.
function evaluated(compute, x, values) {
  const y = computed(compute, x, values), size = Math.max(1, Math.abs(x));
  const pole = Math.abs(y[0]) === Infinity
    && [-1e-9, 1e-9].every(share => Math.abs(compute(x + share * size, values)[0]) !== Infinity);
  if (pole) return [NaN, NaN, NaN, y[3]];
  const [before, after] = [-1, 1].map(side => compute(next(x, side), values));
  if (before[3] === y[3] && after[3] === y[3]) return y;
  for (const order of [1, 2]) {
    if (alike(before[order - 1], y[order - 1]) && alike(y[order - 1], after[order - 1])
        && alike(before[order], after[order])) {
      y[order] = before[3] === after[3] ? quotient(compute, x, values, order, 1e-3 * size) : after[order];
    }
  }
  return y;
}

function alike(a, b) {
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b), 1e-290);
}

class Explorer {
  constructor(root, functions, view, keep) {
    this.root = root;
    this.functions = functions;
    this.made = view;
    this.keep = keep;  // what is told when the state changes
    this.values = new Map(functions.map(f => [f.label, Object.fromEntries(
      f.parameters.map(p => [p.name, p.value]))]));
    Object.assign(this, {x: view.x, low: view.low, high: view.high, tangent: false, moved: false});
    this.panels = [];
    this.parts = [];  // further panels, {element, draw}
    this.controls(root.querySelector("[data-part=controls]"));
    this.figures(root.querySelector("[data-part=curves]"));
    this.readout(root.querySelector("[data-part=readout]"));
    this.seen = new Set();
    this.watcher = new IntersectionObserver(entries => {
      for (const entry of entries) {
        if (entry.isIntersecting) this.seen.add(entry.target); else this.seen.delete(entry.target);
      }
      this.redraw();
    }, {rootMargin: "200px"});
    this.resizer = new ResizeObserver(() => this.redraw());
    this.resizer.observe(root);
    for (const panel of this.panels) this.watcher.observe(panel.figure);
    this.print = () => {
      for (const panel of this.panels) this.seen.add(panel.figure);
      for (const part of this.parts) this.seen.add(part.target);
      this.draw();
    };
    addEventListener("beforeprint", this.print);
  }

  close() {
    removeEventListener("beforeprint", this.print);
    clearTimeout(this.resting);
    this.watcher.disconnect();
    this.resizer.disconnect();
  }

  // A further panel of another section: drawn when it is seen and something changed.
  add(target, draw) {
    this.parts.push({target, draw});
    this.watcher.observe(target);
  }

  read(f) {
    const values = this.values.get(f.label), compute = formulas[f.key];
    return x => computed(compute, x, values);
  }

  // -- controls ---------------------------------------------------------------------------------
  controls(root) {
    this.box = element("input", {
      id: this.made.id, type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
      "aria-label": "x", onchange: () => this.typed(),
    });
    const tangent = element("input", {type: "checkbox", onchange: event => {
      this.tangent = event.target.checked;
      this.redraw();
    }});
    root.replaceChildren(
      element("div", {class: "row"}, element("label", {}, "x = ", this.box),
        element("label", {}, tangent, " tangent"),
        element("button", {type: "button", onclick: () => this.reset()}, "reset")),
      ...this.functions.filter(f => f.parameters.length).map(f => this.sliders(f)));
  }

  sliders(f) {
    const set = element("fieldset", {}, element("legend", {}, swatch(f), f.label));
    for (const p of f.parameters) {
      const both = {"data-function": f.label, "data-parameter": p.name};
      const range = element("input", {type: "range", ...both, min: p.low, max: p.high, step: "any",
        value: p.value, "aria-label": `${p.name} of ${f.label}`,
        oninput: event => this.set(f, p, Number(event.target.value))});
      const number = element("input", {type: "number", ...both, step: "any", value: p.value,
        "aria-label": `${p.name} of ${f.label}, as a number`,
        onchange: event => this.set(f, p, Number(event.target.value), true)});
      set.append(element("div", {class: "slider"}, element("span", {}, p.name), range, number));
    }
    return set;
  }

  // A value of a parameter, kept within its domain and on its side of its partner.
  allowed(f, p, value) {
    const values = this.values.get(f.label);
    if (!Number.isFinite(value)) return values[p.name];
    if (p.least !== null && value < p.least) value = p.least;
    if (p.nonzero && value === 0) value = (p.high - p.low) / 1000;
    for (const [low, high] of f.requires) {
      if (p.name === low) value = Math.min(value, values[high]);
      if (p.name === high) value = Math.max(value, values[low]);
    }
    return value;
  }

  set(f, p, value, typed = false) {
    const kept = this.allowed(f, p, value);
    this.values.get(f.label)[p.name] = kept;
    this.moved = true;
    for (const input of this.root.querySelectorAll("input[data-parameter]")) {
      if (input.dataset.function !== f.label || input.dataset.parameter !== p.name) continue;
      if (input.type === "range") {
        if (kept < Number(input.min)) input.min = kept;
        if (kept > Number(input.max)) input.max = kept;
      }
      if (Number(input.value) !== kept || typed) input.value = kept;
    }
    this.changed();
  }

  reset() {
    for (const f of this.functions) {
      for (const p of f.parameters) {
        this.values.get(f.label)[p.name] = p.value;
        for (const input of this.root.querySelectorAll("input[data-parameter]")) {
          if (input.dataset.function === f.label && input.dataset.parameter === p.name) {
            if (input.type === "range") Object.assign(input, {min: p.low, max: p.high});
            input.value = p.value;
          }
        }
      }
    }
    Object.assign(this, {x: this.made.x, low: this.made.low, high: this.made.high, moved: false});
    this.changed();
  }

  typed() {
    const value = Number(this.box.value.trim().replace("−", "-") || NaN);
    const good = Number.isFinite(value);
    this.box.toggleAttribute("aria-invalid", !good);
    if (good) this.go(value, true);
  }

  // Moves x; the view follows where x would leave it.
  go(x, follow = false) {
    this.x = x;
    if (follow && (x < this.low || x > this.high)) {
      const half = (this.high - this.low) / 2;
      [this.low, this.high] = Math.abs(x) < 1e300 ? [x - half, x + half] : [this.low, this.high];
    }
    this.changed();
  }

  zoom(factor, around) {
    const width = (this.high - this.low) * factor;
    if (!(width > 1e-9 * Math.max(1, Math.abs(around))) || width > 1e9) return;
    this.low = around - (around - this.low) * factor;
    this.high = this.low + width;
    this.changed();
  }

  changed() {
    this.keep(this);
    this.redraw();
  }

  redraw() {
    if (!this.waiting) this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.draw();
    });
  }

  // -- panels -----------------------------------------------------------------------------------
  figures(root) {
    const names = [...QUANTITIES, ...(this.functions.length > 1 ? ["difference"] : [])];
    root.replaceChildren(...names.map((quantity, order) => {
      const svg = shape("svg", {"data-quantity": quantity, tabindex: "0", role: "img",
        "aria-label": `${quantity} of ${this.functions.map(f => f.label).join(", ")}`});
      const caption = element("figcaption", {}, quantity === "difference"
        ? `difference to ${this.functions[0].label}` : quantity);
      const figure = element("figure", {}, caption, svg);
      const panel = {quantity, order, svg, figure};
      this.listen(svg, panel);
      this.panels.push(panel);
      return figure;
    }));
  }

  listen(svg, panel) {
    const at = event => {
      const box = svg.getBoundingClientRect(), left = panel.left || 0;
      const share = (event.clientX - box.left - left) / Math.max(1, box.width - left - RIGHT);
      return this.low + (this.high - this.low) * share;
    };
    let from = null;
    svg.addEventListener("pointerdown", event => {
      from = {x: at(event), low: this.low, high: this.high, client: event.clientX, far: false};
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", event => {
      if (from && event.buttons && event.pointerType !== "touch") {  // x follows a finger
        const across = Math.max(1, svg.clientWidth - (panel.left || 0) - RIGHT);
        const shift = (event.clientX - from.client) / across * (from.high - from.low);
        if (Math.abs(event.clientX - from.client) > 4) from.far = true;
        if (from.far) {
          this.low = from.low - shift;
          this.high = from.high - shift;
          this.changed();
        }
        return;
      }
      this.go(tidy(Math.min(Math.max(at(event), this.low), this.high), this.high - this.low));
    });
    svg.addEventListener("pointerup", event => {
      if (from && !from.far) this.go(tidy(at(event), this.high - this.low));
      from = null;
    });
    svg.addEventListener("pointercancel", () => { from = null; });
    svg.addEventListener("wheel", event => {
      if (!event.ctrlKey && document.activeElement !== svg) return;
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, at(event));
    }, {passive: false});
    svg.addEventListener("dblclick", () => this.reset());
    svg.addEventListener("keydown", event => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = (this.high - this.low) * (event.shiftKey ? 0.1 : 0.01);
      const keys = {
        ArrowLeft: () => this.go(tidy(this.x - step, step), true),
        ArrowRight: () => this.go(tidy(this.x + step, step), true),
        Home: () => this.go(this.low), End: () => this.go(this.high),
        "+": () => this.zoom(1 / 1.25, this.x), "=": () => this.zoom(1 / 1.25, this.x),
        "-": () => this.zoom(1.25, this.x), 0: () => this.reset(),
      };
      if (!keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
  }

  draw() {
    if (document.activeElement !== this.box || Number(this.box.value) !== this.x) {
      this.box.value = sixDigits(this.x);
    }
    this.box.dataset.exact = exactText(this.x);
    const reads = this.functions.map(f => this.read(f));
    this.fill();
    this.drawPanels(this.panels.filter(panel => this.seen.has(panel.figure)), reads);
    clearTimeout(this.resting);  // what is out of sight is drawn when nothing moves
    this.resting = setTimeout(
      () => this.drawPanels(this.panels.filter(panel => !this.seen.has(panel.figure)), reads), 300);
    for (const part of this.parts) if (this.seen.has(part.target)) part.draw(this, reads);
    for (const note of this.root.querySelectorAll("[data-part=made]")) note.hidden = !this.moved;
  }

  drawPanels(shown, reads) {
    if (shown.length) {
      const key = JSON.stringify([this.low, this.high, [...this.values.values()]]);
      if (this.key !== key) {
        this.key = key;
        this.samples = reads.map((read, k) => ({...sampled(read, this.low, this.high, 400),
          marks: Object.values(this.values.get(this.functions[k].label))}));
        this.lines = reads.map(read => asymptotesOf(read));
        for (const panel of this.panels) panel.curves = null;
      }
      for (const panel of shown) this.drawPanel(panel, reads);
    }
  }

  curvesOf(panel, reads) {
    if (panel.curves) return panel.curves;
    const {low, high} = this;
    if (panel.quantity !== "difference") {
      panel.curves = this.samples.map(s => ({...curveOf(s, panel.order, low, high),
        extrema: extremaOf(s, panel.order, low, high)}));
    } else {
      const [first] = reads;
      panel.curves = reads.map((read, k) => {
        if (k === 0) return {pieces: [], kinks: [], dots: [], extrema: []};
        const both = x => {
          const [a, b] = [read(x), first(x)];
          return [a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] + 2 ** 26 * b[3]];
        };
        const samples = sampled(both, low, high, 400);
        return {...curveOf(samples, 0, low, high), extrema: extremaOf(samples, 0, low, high)};
      });
    }
    return panel.curves;
  }

  drawPanel(panel, reads) {
    const curves = this.curvesOf(panel, reads);
    const width = Math.max(panel.figure.clientWidth, 240), height = Math.round(Math.min(260, width * 0.62));
    const [bottom, top] = heightOf(curves, this.low, this.high);
    const frame = new Frame(panel.svg, width, height, this.low, this.high, bottom, top);
    panel.left = frame.left;
    Object.assign(panel.svg.dataset, {low: exactText(this.low), high: exactText(this.high)});
    const group = frame.plot;
    curves.forEach((curve, k) => {
      const f = this.functions[k];
      if (panel.quantity === "difference" && k === 0) return;
      if (panel.order < 2) this.asymptotes(frame, this.lines[k], panel.order, f);
      group.append(shape("path", {class: `curve c${f.colour}`, "data-function": f.label,
        d: frame.path(curve.pieces)}));
    });
    curves.forEach((curve, k) => {
      const {colour} = this.functions[k];
      for (const [x, y] of curve.kinks) {
        frame.dot(x, y, `kink c${colour}`, 2.5, `kink at ${sixDigits(x)}`);
      }
      for (const {x, y, filled} of curve.dots) {
        frame.dot(x, y, `${filled ? "filled" : "open"} c${colour}`, 3.5,
          filled ? `takes ${sixDigits(y)} at ${sixDigits(x)}` : `does not take ${sixDigits(y)} at ${sixDigits(x)}`);
      }
      for (const {x, y, top: up} of curve.extrema || []) {
        frame.mark(x, y, `extremum c${colour}`, up,
          `${up ? "maximum" : "minimum"} ${sixDigits(y)} at ${sixDigits(x)}`);
      }
    });
    frame.cross(this.x);
    reads.forEach((read, k) => {
      const f = this.functions[k], y = read(this.x);
      if (panel.quantity === "difference") {
        if (k > 0) frame.dot(this.x, y[0] - reads[0](this.x)[0], `here c${f.colour}`, 4);
        return;
      }
      if (this.tangent && panel.order < 2 && Number.isFinite(y[panel.order + 1])) {
        const line = x => y[panel.order] + y[panel.order + 1] * (x - this.x);
        group.append(shape("path", {class: `tangent c${f.colour}`,
          d: frame.path([[[this.low, line(this.low)], [this.high, line(this.high)]]])}));
      }
      frame.dot(this.x, y[panel.order], `here c${f.colour}`, 4);
    });
  }

  asymptotes(frame, lines, order, f) {
    lines.forEach((line, side) => {
      if (!line) return;
      const [slope, height] = order === 0 ? [line.slope, line.height] : [0, line.slope];
      const ends = side ? [Math.max(this.low, 0), this.high] : [this.low, Math.min(this.high, 0)];
      if (!(ends[0] < ends[1])) return;
      frame.plot.append(shape("path", {class: `asymptote c${f.colour}`,
        d: frame.path([ends.map(x => [x, slope * x + height])])}));
    });
  }

  // -- the numbers at x -------------------------------------------------------------------------
  readout(root) {
    const head = element("tr", {}, ...["function", ...QUANTITIES].map(
      name => element("th", {scope: "col"}, name)));
    this.cells = this.functions.map(f => QUANTITIES.map(quantity => element("td", {
      "data-function": f.label, "data-quantity": quantity})));
    const rows = this.functions.map((f, k) => element("tr", {},
      element("th", {scope: "row"}, swatch(f), f.label), ...this.cells[k]));
    this.spoken = element("p", {class: "spoken", "aria-live": "polite"});
    root.replaceChildren(element("div", {class: "wide", tabindex: "0", role: "group",
      "aria-label": "the numbers at x"},
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows))), this.spoken);
  }

  fill() {
    const said = [];
    this.functions.forEach((f, k) => {
      const y = evaluated(formulas[f.key], this.x, this.values.get(f.label));
      this.cells[k].forEach((cell, order) => {
        cell.textContent = sixDigits(y[order]);
        cell.dataset.exact = exactText(y[order]);
      });
      said.push(`${f.label} ${sixDigits(y[0])}, gradient ${sixDigits(y[1])}`);
    });
    clearTimeout(this.saying);  // a screen reader hears where x stops
    this.saying = setTimeout(() => {
      this.spoken.textContent = `At x = ${sixDigits(this.x)}: ${said.join("; ")}.`;
    }, 400);
  }
}

function swatch(f) {
  return element("span", {class: `swatch c${f.colour}`, "aria-hidden": "true"});
}

// x as a pointer gives it, to a thousandth of the view, so that round numbers can be met.
function tidy(x, width) {
  const unit = 10 ** Math.floor(Math.log10(width / 500));
  return Number((Math.round(x / unit) * unit).toPrecision(12));
}
