// The histogram of inputs that the page was made with, and the shares of them that are alive,
// saturated (a small gradient) and dead (on a constant piece), again when a slider moves.

class Inputs {
  constructor(explorer, root, histogram) {
    this.functions = explorer.functions;
    this.histogram = histogram;
    this.rows = this.functions.map(f => ["alive", "saturated", "dead"].map(
      state => element("td", {"data-share": state, "data-of": f.label})));
    const head = element("tr", {}, ...["function", "alive", "saturated", "dead"].map(
      name => element("th", {scope: "col"}, name)));
    const body = this.functions.map((f, k) => element("tr", {},
      element("th", {scope: "row"}, swatch(f), f.label), ...this.rows[k]));
    this.svg = shape("svg", {role: "img", "aria-label": "histogram of the inputs", "data-inputs": ""});
    this.figure = element("figure", {}, element("figcaption", {}, histogram.note), this.svg);
    root.replaceChildren(this.figure, element("div", {class: "wide", tabindex: "0", role: "group",
      "aria-label": "shares of the inputs"},
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...body))));
    explorer.add(root, (_, reads) => this.draw(explorer, reads));
  }

  // The state of each bin, judged at the mean of the inputs in it.
  states(read) {
    return this.histogram.means.map(x => {
      const [, slope, bend] = read(x);
      if (slope === 0 && bend === 0) {
        const step = 1e-6 * Math.max(Math.abs(x), 1e-3);
        if (read(x - step)[0] === read(x + step)[0]) return 2;
      }
      return Math.abs(slope) < this.histogram.saturated ? 1 : 0;
    });
  }

  draw(explorer, reads) {
    const {edges, counts, exact} = this.histogram;
    const total = counts.reduce((a, b) => a + b, 0);
    let first = null;
    reads.forEach((read, k) => {
      const states = this.states(read), shares = [0, 0, 0];
      states.forEach((state, bin) => { shares[state] += counts[bin] / total; });
      const shown = explorer.moved ? shares : exact[k];
      this.rows[k].forEach((cell, state) => { cell.textContent = percent(shown[state]); });
      first = first || states;
    });
    const width = Math.max(this.figure.clientWidth, 240);
    const most = Math.max(...counts.map((c, k) => c / (edges[k + 1] - edges[k])));
    const frame = new Frame(this.svg, width, 180, edges[0], edges[edges.length - 1], 0,
      most * 1.05 / total);
    counts.forEach((count, k) => {
      if (!count) return;
      const [a, b] = [frame.px(edges[k]), frame.px(edges[k + 1])];
      const y = frame.py(count / (edges[k + 1] - edges[k]) / total);
      frame.plot.append(shape("rect", {class: `bar ${["alive", "saturated", "dead"][first[k]]}`,
        x: a.toFixed(2), width: Math.max(b - a - 0.5, 0.5).toFixed(2), y: y.toFixed(2),
        height: Math.max(frame.py(0) - y, 0).toFixed(2)}));
    });
    frame.cross(explorer.x);
  }
}
