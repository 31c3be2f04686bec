// What happens to a signal in a deep network: one layer maps the mean square q of its inputs to
// s^2 E f(sqrt(q) Z)^2, and the square of a gradient grows by s^2 E f'(sqrt(q) Z)^2, with weights of
// standard deviation s/sqrt(width) and a standard normal Z.

const LAYERS = 50;
const GAUSS = [[0.1834346424956498, 0.362683783378362], [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745], [0.9602898564975363, 0.1012285362903763]];
const PANEL = 0.25, REACH = 8;  // in units of Z: width of a panel, and how far the integrals go

// Where the branch of f changes, and 0: between such places integrals are taken.
function breaks(read) {
  const {runs} = sampled(read, -40, 40, 1600);
  return [...new Set([0, ...runs.slice(1).map(run => run[0].x)])].sort((a, b) => a - b);
}

// [E f(sqrt(q) Z)^2, E f'(sqrt(q) Z)^2], by 8 nodes of Gauss and Legendre in each panel.
function meanSquares(read, q, places) {
  const root = Math.sqrt(q);
  const inside = places.map(x => x / root).filter(z => Math.abs(z) < REACH);
  const ends = [-REACH, ...inside, REACH];
  let value = 0, gradient = 0;
  const add = (z, weight) => {
    const y = read(root * z), share = weight * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    value += share * y[0] * y[0];
    gradient += share * y[1] * y[1];
  };
  for (let k = 1; k < ends.length; k++) {
    const count = Math.ceil((ends[k] - ends[k - 1]) / PANEL), half = (ends[k] - ends[k - 1]) / count / 2;
    for (let n = 0; n < count; n++) {
      const middle = ends[k - 1] + (2 * n + 1) * half;
      for (const [node, weight] of GAUSS) {
        add(middle - half * node, half * weight);
        add(middle + half * node, half * weight);
      }
    }
  }
  return [value, gradient];
}

// Mean square of the signal and of the gradient after 0 to LAYERS layers.
function propagated(read, scale, places) {
  const signal = [1], gradient = [1];
  for (let layer = 0; layer < LAYERS; layer++) {
    const [value, slope] = meanSquares(read, signal[layer], places);
    signal.push(scale * scale * value);
    gradient.push(gradient[layer] * scale * scale * slope);
    if (!(signal[layer + 1] < 1e60)) break;
  }
  return {signal, gradient};
}

// A fixed point above 0 of the map of a layer and the slope there; null, or "every" q.
function fixedPoint(read, scale, places) {
  const excess = logarithm => {
    const q = Math.exp(logarithm);
    return Math.log(scale * scale * meanSquares(read, q, places)[0]) - logarithm;
  };
  const found = [];
  if ([-3, -1, 1, 3].every(at => Math.abs(excess(at)) < 1e-9)) return "every";
  let before = excess(-12);
  for (let at = -11.5; at <= 8; at += 0.5) {
    const here = excess(at);
    if (before === 0 || before * here < 0) {
      let [low, high] = [at - 0.5, at];
      for (let n = 0; n < 30; n++) {
        const middle = (low + high) / 2;
        if (excess(middle) * before > 0) low = middle; else high = middle;
      }
      const q = Math.exp((low + high) / 2);
      const slope = 1 + (excess(low + 0.01) - excess(low - 0.01)) / 0.02;
      found.push({q, slope});
    }
    before = here;
  }
  return found.find(point => point.slope < 1) || found[0] || null;
}

class Depth {
  constructor(explorer, root) {
    this.root = root;
    this.functions = explorer.functions;
    this.scales = new Map(this.functions.map(f => [f.label, f.gain || 1]));
    this.cache = new Map();
    const set = element("div", {class: "sliders"}, ...this.functions.map(f => {
      const start = f.gain || 1;
      const told = element("output", {}, sixDigits(start));
      return element("label", {class: "slider"}, swatch(f), element("span", {}, f.label),
        element("input", {type: "range", min: start / 3, max: start * 3, step: "any", value: start,
          "data-scale": f.label, "aria-label": `weight scale of ${f.label}`, oninput: event => {
            this.scales.set(f.label, Number(event.target.value));
            told.textContent = sixDigits(Number(event.target.value));
            explorer.redraw();
          }}), told);
    }));
    this.panels = ["mean square of the signal", "mean square of the gradient",
      "one layer: q to s² E f(√q Z)²"].map((title, k) => {
      const svg = shape("svg", {"data-depth": ["signal", "gradient", "map"][k], role: "img",
        "aria-label": title});
      return {svg, figure: element("figure", {}, element("figcaption", {},
        k < 2 ? `${title}, by layer (powers of ten)` : title), svg)};
    });
    this.told = element("ul", {});
    root.replaceChildren(set, element("div", {class: "panels"}, ...this.panels.map(p => p.figure)), this.told);
    explorer.add(root, (_, reads) => this.draw(explorer, reads));
  }

  // What a function does at its scale; kept until either changes.
  found(explorer, f, read) {
    const key = JSON.stringify([this.scales.get(f.label), explorer.values.get(f.label)]);
    const old = this.cache.get(f.label);
    if (old && old.key === key) return old;
    const scale = this.scales.get(f.label);
    const map = [], places = breaks(read);
    for (let q = 0.02; q <= 3.001; q += 0.0596) map.push([q, scale * scale * meanSquares(read, q, places)[0]]);
    const made = {key, scale, map, ...propagated(read, scale, places), fixed: fixedPoint(read, scale, places)};
    this.cache.set(f.label, made);
    return made;
  }

  draw(explorer, reads) {
    const found = this.functions.map((f, k) => this.found(explorer, f, reads[k]));
    const width = Math.max(this.panels[0].figure.clientWidth, 240);
    ["signal", "gradient"].forEach((name, k) => {
      const curves = found.map(each => ({pieces: [each[name].map(
        (v, layer) => [layer, Math.log10(v)]).filter(([, y]) => Number.isFinite(y) && Math.abs(y) < 60)]}));
      const [low, high] = heightOf(curves, 0, LAYERS);
      this.frame(k, width, 0, LAYERS, Math.min(low, -1), Math.max(high, 1), curves);
    });
    const maps = found.map(each => ({pieces: [each.map.filter(([, y]) => Number.isFinite(y))]}));
    const frame = this.frame(2, width, 0, 3, 0, 3, maps);
    frame.plot.append(shape("path", {class: "diagonal", d: frame.path([[[0, 0], [3, 3]]])}));
    found.forEach(({fixed}, k) => {
      if (fixed && fixed.q) frame.dot(fixed.q, fixed.q, `here c${this.functions[k].colour}`, 4,
        `fixed point ${sixDigits(fixed.q)}`);
    });
    this.told.replaceChildren(...found.map((each, k) => element("li", {}, this.words(k, each))));
  }

  frame(k, width, low, high, bottom, top, curves) {
    const frame = new Frame(this.panels[k].svg, width, Math.round(Math.min(240, width * 0.6)),
      low, high, bottom, top);
    curves.forEach((curve, n) => frame.plot.append(shape("path", {
      class: `curve c${this.functions[n].colour}`, "data-series": this.functions[n].label,
      d: frame.path(curve.pieces)})));
    return frame;
  }

  words(k, {scale, signal, gradient, fixed}) {
    const three = v => sixDigits(Number(v.toPrecision(3)));
    const last = list => list[list.length - 1];
    if (!Number.isFinite(last(signal))) {
      return `${this.functions[k].label} with weights scaled by ${three(scale)}: after ${signal.length - 1} `
        + "layers the mean square has no value among the doubles.";
    }
    const point = fixed === "every" ? "every q is a fixed point" : fixed
      ? `the fixed point is q = ${three(fixed.q)} with slope ${three(fixed.slope)}`
        + (fixed.slope < 0.999 ? ", to which signals settle" : fixed.slope > 1.001
          ? ", from which signals drift" : ", near which signals stay")
      : "there is no fixed point but 0 or infinity";
    return `${this.functions[k].label} with weights scaled by ${three(scale)}: after ${signal.length - 1} `
      + `layers the mean square is ${three(last(signal))}, that of the gradient ${three(last(gradient))}; ${point}.`;
  }
}
