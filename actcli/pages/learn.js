// What saved runs learned: the page runs the network of the median seed itself.

const FEATURES = {x: p => p[0], y: p => p[1], x2: p => p[0] ** 2, y2: p => p[1] ** 2, xy: p => p[0] * p[1],
  sinx: p => Math.sin(p[0]), siny: p => Math.sin(p[1])};

class Network {
  constructor(data) {
    this.data = data;
    const bytes = Uint8Array.from(atob(data.frames), c => c.charCodeAt(0));
    this.frames = new Float32Array(bytes.buffer);
    this.size = this.frames.length / data.frameEpochs.length;
    this.features = data.features.map(f => typeof f === "number" ? p => p[f] : FEATURES[f]);
  }

  // The outputs before the output function, at a point in the data's own coordinates.
  last(frame, point) {
    const {centre, spread, layers, outputs} = this.data;
    const scaled = point.map((v, k) => (v - centre[k]) / spread[k]);
    let x = this.features.map(feature => feature(scaled)), at = frame * this.size;
    for (const layer of [...layers, {units: outputs, key: null, learned: []}]) {
      const z = [], inputs = x.length, start = at;
      for (let unit = 0; unit < layer.units; unit++) {
        let sum = this.frames[start + inputs * layer.units + unit];
        for (let k = 0; k < inputs; k++) sum += x[k] * this.frames[start + k * layer.units + unit];
        z.push(sum);
      }
      at += (inputs + 1) * layer.units;
      if (layer.key === null) return z;
      const count = layer.perUnit ? layer.units : 1, own = at;
      at += layer.learned.length * count;
      const values = {...layer.values};
      x = z.map((v, unit) => {
        layer.learned.forEach((name, k) => {
          values[name] = this.frames[own + k * count + (count > 1 ? unit : 0)];
        });
        return formulas[layer.key](v, values)[0];
      });
    }
    return x;
  }

  // The output as it is drawn: a number, or the number of the likeliest class.
  at(frame, point) {
    const z = this.last(frame, point), {output, target, classes} = this.data;
    if (output === "softmax") return z.indexOf(Math.max(...z));
    if (output === "tanh") return Math.tanh(z[0]);
    if (output === "logistic") return 0.5 + 0.5 * Math.tanh(0.5 * z[0]);
    return classes ? z[0] : target[0] + target[1] * z[0];
  }
}

class Learn {
  constructor(explorer, root, runs) {
    const kept = run => run.network && run.network.frameEpochs.length > 1 ? run.network.frameEpochs : run.epochs;
    this.epochs = [...new Set(runs.flatMap(kept))].sort((a, b) => a - b);
    this.now = this.epochs.length - 1;
    this.told = element("output", {"aria-live": "off"});
    this.slider = element("input", {type: "range", min: 0, max: this.now, step: 1, value: this.now,
      "data-epoch": "", "aria-label": "epoch", oninput: event => {
        this.show(Number(event.target.value));
      }});
    this.button = element("button", {type: "button", "data-play": "", onclick: () => this.play()}, "play");
    this.runs = runs.map((run, k) => this.block(run, k));
    root.replaceChildren(
      element("div", {class: "row"}, this.button, element("label", {class: "slider epoch"}, "epoch",
        this.slider, this.told)),
      ...this.runs.map(run => run.block));
    this.explorer = explorer;
    explorer.add(root, () => this.draw());
  }

  block(run, number) {
    const panels = [];
    if (run.network) {
      const plane = run.network.columns.length === 2;
      const canvas = plane ? element("canvas", {"data-surface": run.label, role: "img",
        "aria-label": `what ${run.label} answers over the plane`}) : null;
      const svg = plane ? null : shape("svg", {role: "img", "data-fit": run.label,
        "aria-label": `what ${run.label} answers over the line`});
      const last = run.network.frameEpochs.length > 1 ? "" : " with its last weights";
      panels.push({canvas, svg, figure: element("figure", {}, element("figcaption", {},
        `what it answers${last}`), canvas || svg)});
    }
    for (const [name, series] of Object.entries(run.series)) {
      const svg = shape("svg", {role: "img", "data-series-of": name, "aria-label": `${name} by epoch`});
      const told = element("p", {class: "facts"});
      panels.push({name, series, svg, told, figure: element("figure", {},
        element("figcaption", {}, name), svg, told)});
    }
    const block = element("div", {"data-run": run.label}, element("h3", {}, run.label),
      element("p", {class: "facts"}, `${run.title}; drawn is seed ${run.seed}, the median`),
      element("div", {class: "panels"}, ...panels.map(p => p.figure)));
    return {run, number, block, panels, network: run.network ? new Network(run.network) : null};
  }

  play() {
    if (this.timer) return this.pause();
    if (this.now === this.epochs.length - 1) this.show(0);
    this.button.textContent = "pause";
    this.timer = setInterval(() => {
      if (this.now >= this.epochs.length - 1) return this.pause();
      this.show(this.now + 1);
    }, 250);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = 0;
    this.button.textContent = "play";
  }

  show(now) {
    this.now = now;
    this.slider.value = now;
    this.explorer.redraw();
  }

  draw() {
    const epoch = this.epochs[this.now];
    this.told.textContent = String(epoch);
    this.slider.setAttribute("aria-valuetext", `epoch ${epoch}`);
    for (const each of this.runs) {
      const record = each.run.epochs.filter(e => e <= epoch).length - 1;
      for (const panel of each.panels) {
        if (panel.name) this.series(each, panel, epoch, Math.max(record, 0));
        else this.surface(each, panel, epoch);
      }
    }
  }

  series(each, panel, epoch, record) {
    const width = Math.max(panel.figure.clientWidth, 240), {epochs} = each.run;
    const names = Object.keys(panel.series);
    const curves = names.map(name => ({pieces: [panel.series[name].map((y, k) => [epochs[k], y])
      .filter(([, y]) => y !== null)]}));
    const [bottom, top] = heightOf(curves, 0, epochs[epochs.length - 1]);
    const share = /accuracy|dead|saturated/.test(panel.name);
    const frame = new Frame(panel.svg, width, Math.round(Math.min(180, width * 0.5)), 0,
      Math.max(epochs[epochs.length - 1], 1), share ? -0.05 : Math.min(bottom, 0), share ? 1.05 : top);
    curves.forEach((curve, k) => {
      frame.plot.append(shape("path", {class: `curve c${k % 6}`, d: frame.path(curve.pieces)}));
    });
    frame.cross(epoch);
    panel.told.replaceChildren(`epoch ${epochs[record]}: `, ...names.flatMap((name, k) => {
      const value = panel.series[name][record];
      const shown = value === null ? "none" : share ? percent(value) : sixDigits(Number(value.toPrecision(3)));
      return [k ? ", " : "", swatch({colour: k % 6}), `${name} ${shown}`];
    }));
  }

  frameAt(each, epoch) {
    const {frameEpochs} = each.run.network;
    return Math.max(frameEpochs.filter(e => e <= epoch).length - 1, 0);
  }

  surface(each, panel, epoch) {
    const frame = this.frameAt(each, epoch);
    if (panel.svg) return this.fit(each, panel, frame);
    const {data} = each.network, side = 72;
    const style = getComputedStyle(document.documentElement);
    const inks = ["--c0", "--c1", "--c2", "--c3", "--c4", "--c5"].map(name => rgb(style.getPropertyValue(name)));
    const paper = rgb(style.getPropertyValue("--paper"));
    const [least, most] = span(data);
    const tint = value => {
      if (data.classes > 2) return mixed(inks[value % 6], paper, 0.55);
      const share = Math.min(Math.max((value - least) / (most - least), 0), 1);
      const strength = Math.abs(2 * share - 1);
      return mixed(share < 0.5 ? inks[1] : inks[0], paper, 0.12 + 0.68 * strength);
    };
    const size = Math.min(panel.figure.clientWidth || 300, 340), scale = devicePixelRatio || 1;
    Object.assign(panel.canvas, {width: size * scale, height: size * scale});
    panel.canvas.style.width = panel.canvas.style.height = `${size}px`;
    const context = panel.canvas.getContext("2d"), image = new ImageData(side, side);
    const at = (k, n) => data.low[k] + (data.high[k] - data.low[k]) * (n + 0.5) / side;
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const value = each.network.at(frame, [at(0, column), at(1, side - 1 - row)]);
        image.data.set([...tint(value), 255], 4 * (row * side + column));
      }
    }
    const small = element("canvas", {width: side, height: side});
    small.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(small, 0, 0, size * scale, size * scale);
    data.points.forEach((point, k) => {
      const [x, y] = point.map((v, n) => (v - data.low[n]) / (data.high[n] - data.low[n]) * size * scale);
      const target = data.targets[k];
      const ink = data.classes > 2 ? inks[target % 6] : target > (data.classes ? 0 : (least + most) / 2)
        ? inks[0] : inks[1];
      context.beginPath();
      context.arc(x, size * scale - y, 3 * scale, 0, 7);
      context.fillStyle = `rgb(${ink})`;
      context.strokeStyle = `rgb(${paper})`;
      context.fill();
      context.stroke();
    });
  }

  fit(each, panel, frame) {
    const {data} = each.network, width = Math.max(panel.figure.clientWidth, 240);
    const line = [];
    for (let k = 0; k <= 300; k++) {
      const x = data.low[0] + (data.high[0] - data.low[0]) * k / 300;
      line.push([x, each.network.at(frame, [x])]);
    }
    const shown = data.output === "logistic" || data.output === "softmax"
      ? data.targets.map(t => (t + 1) / 2) : data.targets.map(t => data.classes ? t : data.target[0] + data.target[1] * t);
    const ys = [...shown, ...line.map(p => p[1])].filter(Number.isFinite);
    const [bottom, top] = [Math.min(...ys), Math.max(...ys)], margin = 0.07 * (top - bottom || 1);
    const frameOf = new Frame(panel.svg, width, Math.round(Math.min(260, width * 0.7)), data.low[0], data.high[0],
      bottom - margin, top + margin);
    data.points.forEach(([x], k) => frameOf.dot(x, shown[k], "filled c1", 2.5));
    frameOf.plot.append(shape("path", {class: "curve c0", d: frameOf.path([line])}));
  }
}

// The values that the colours of a surface span.
function span(data) {
  if (data.classes) return data.output === "logistic" || data.output === "softmax" ? [0, 1] : [-1, 1];
  const shown = data.targets.map(t => data.target[0] + data.target[1] * t);
  return [Math.min(...shown), Math.max(...shown)];
}

function rgb(hex) {
  const digits = hex.trim().slice(1), wide = digits.length === 3 ? digits.replace(/./g, "$&$&") : digits;
  return [0, 2, 4].map(k => parseInt(wide.slice(k, k + 2), 16));
}

function mixed(ink, paper, share) {
  return ink.map((v, k) => Math.round(share * v + (1 - share) * paper[k]));
}
