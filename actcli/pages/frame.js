// Pictures in an svg: its elements, and axes with what is drawn between them.

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const RIGHT = 8, BOTTOM = 22, TOP = 8;

// Axes in an svg, which it empties first.
class Frame {
  constructor(svg, width, height, low, high, bottom, top) {
    Object.assign(this, {low, high, bottom, top, height});
    const across = ticks(low, high, Math.max(3, Math.min(10, width / 70)));
    const up = ticks(bottom, top, Math.max(3, height / 45));
    this.left = 12 + 6.4 * Math.max(...up.map(t => sixDigits(t).length));
    this.width = width - this.left - RIGHT;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    const clip = `clip${Frame.count++}`;
    const grid = shape("g", {class: "grid"});
    for (const t of across) {
      const x = this.px(t);
      grid.append(shape("line", {x1: x, x2: x, y1: TOP, y2: height - BOTTOM, class: t === 0 ? "zero" : ""}),
        text(Math.min(x, width - RIGHT / 2), height - 6, sixDigits(Math.abs(t) < 1e-9 * (high - low) ? 0 : t),
          x > width - RIGHT - 14 ? "end" : "middle"));
    }
    for (const t of up) {
      const y = this.py(t);
      grid.append(shape("line", {x1: this.left, x2: width - RIGHT, y1: y, y2: y,
        class: Math.abs(t) < 1e-9 * (top - bottom) ? "zero" : ""}),
      text(this.left - 5, y + 4, sixDigits(Math.abs(t) < 1e-9 * (top - bottom) ? 0 : t), "end"));
    }
    this.plot = shape("g", {"clip-path": `url(#${clip})`});
    this.marks = shape("g", {"clip-path": `url(#${clip})`});
    svg.replaceChildren(
      shape("clipPath", {id: clip}, shape("rect", {x: this.left - 6, y: 0, width: this.width + 12,
        height: height - BOTTOM + 5})),
      grid, this.plot, this.marks);
  }

  px(x) { return this.left + (x - this.low) / (this.high - this.low) * this.width; }

  py(y) {
    const place = TOP + (this.top - y) / (this.top - this.bottom) * (this.height - TOP - BOTTOM);
    return Math.min(Math.max(place, -2000), 4000);
  }

  path(pieces) {
    return pieces.map(piece => piece.map(([x, y], k) =>
      `${k ? "L" : "M"}${this.px(x).toFixed(2)} ${this.py(y).toFixed(2)}`).join("")
      + (piece.length === 1 ? `L${this.px(piece[0][0]).toFixed(2)} ${this.py(piece[0][1]).toFixed(2)}` : "")
    ).join("");
  }

  dot(x, y, kind, radius, title) {
    if (!Number.isFinite(y) || x < this.low || x > this.high) return;
    const made = shape("circle", {class: kind, cx: this.px(x).toFixed(2), cy: this.py(y).toFixed(2), r: radius});
    if (title) made.append(shape("title", {}, title));
    this.marks.append(made);
  }

  mark(x, y, kind, up, title) {
    const [a, b] = [this.px(x), this.py(y)], s = up ? -1 : 1;
    this.marks.append(shape("path", {class: kind,
      d: `M${a - 4} ${b + 10 * s}L${a + 4} ${b + 10 * s}L${a} ${b + 4 * s}Z`}, shape("title", {}, title)));
  }

  cross(x) {
    if (x < this.low || x > this.high) return;
    const place = this.px(x).toFixed(2);
    this.plot.append(shape("line", {class: "cross", x1: place, x2: place, y1: TOP, y2: this.height - BOTTOM}));
  }
}
Frame.count = 0;

function text(x, y, content, anchor) {
  return shape("text", {x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor}, content);
}
