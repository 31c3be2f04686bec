// Samples curves for eyes. `read(x)` gives [value, gradient, curvature, conditions]; where the
// conditions differ between two samples the branch changes, and the place is bisected to
// neighbouring doubles, so that a jump is never drawn as a steep line.

const LEAST_JUMP = 1e-6;  // of the height that is seen

const BITS = new DataView(new ArrayBuffer(8));

// The double next to x towards larger numbers, or towards smaller ones where side is -1.
function next(x, side = 1) {
  if (x === 0) return side * Number.MIN_VALUE;
  BITS.setFloat64(0, x);
  BITS.setBigInt64(0, BITS.getBigInt64(0) + (x > 0 === side > 0 ? 1n : -1n));
  return BITS.getFloat64(0);
}

// Neighbouring doubles between which `differs(a, b)`, given that it does between low and high.
function bisected(low, high, readAt, differs) {
  let a = low, b = high;
  for (let n = 0; n < 1100; n++) {
    // first by halves of the exponent, as a place may be next to 0
    const wide = a.x < 0 && b.x > 0;
    const middle = wide ? 0 : a.x / 2 + b.x / 2;
    if (!(middle > a.x && middle < b.x)) break;
    const m = readAt(middle);
    if (differs(a, m)) b = m; else a = m;
  }
  return [a, b];
}

// Points {x, y: [value, gradient, curvature], on: conditions} in runs of equal conditions.
function sampled(read, low, high, count) {
  const readAt = x => { const y = read(x); return {x, y, on: y[3]}; };
  const points = [];
  for (let k = 0; k <= count; k++) {
    points.push(readAt(k === count ? high : low + (high - low) * (k / count)));
  }
  const runs = [[points[0]]];
  let left = 64;  // places in one picture
  for (let k = 1; k < points.length; k++) {
    let a = points[k - 1];
    const end = points[k];
    while (a.on !== end.on && left-- > 0) {
      const [before, after] = bisected(a, end, readAt, (p, q) => p.on !== q.on);
      if (before.x > a.x) runs[runs.length - 1].push(before);
      runs.push([after]);
      a = after;
      if (a.x >= end.x) break;
    }
    if (a.x < end.x) runs[runs.length - 1].push(end);
  }
  return {runs, readAt};
}

// Where a curve that is steep between two samples breaks off: the neighbouring doubles, or null.
function breakBetween(a, b, order, height, readAt) {
  let p = a, q = b;
  const gap = () => Math.abs(q.y[order] - p.y[order]);
  for (let n = 0; n < 1100; n++) {
    const middle = p.x < 0 && q.x > 0 ? 0 : p.x / 2 + q.x / 2;
    if (!(middle > p.x && middle < q.x)) break;
    const m = readAt(middle);
    if (Number.isNaN(m.y[order])) return [p, q];
    if (Math.abs(m.y[order] - p.y[order]) >= Math.abs(q.y[order] - m.y[order])) q = m; else p = m;
    if (!(gap() > LEAST_JUMP * height)) return null;
  }
  return [p, q];
}

// A curve of one order: pieces of points [x, y] that are each drawn in one stroke, and the marks.
function curveOf(samples, order, low, high) {
  const {runs, readAt, marks = []} = samples;
  const all = runs.flat().map(p => p.y[order]).filter(Number.isFinite).sort((a, b) => a - b);
  const height = Math.max(all[all.length - 1] - all[0], 1e-9 * Math.abs(all[0]), 1e-300) || 1;
  const middle = (all[Math.floor(all.length * 0.98)] - all[Math.floor(all.length * 0.02)]) || height;
  const pieces = [], kinks = [], dots = [], ends = [];
  let piece = [];
  const close = () => { if (piece.length) pieces.push(piece); piece = []; };
  const join = (a, b) => {
    // within a branch: a steep step may be a pole or a jump that no condition tells of
    if (Math.abs(b.y[order] - a.y[order]) > 0.05 * middle) {
      const found = breakBetween(a, b, order, middle, readAt);
      if (found) {
        const [p, q] = found;
        if (p.x > a.x && Math.abs(p.y[order]) < 1e6 * middle) piece.push([p.x, p.y[order]]);
        close();
        if (q.x < b.x && Math.abs(q.y[order]) < 1e6 * middle) piece.push([q.x, q.y[order]]);
        if (order === 0 || Math.abs(p.y[order]) < 1e6 * middle) ends.push([p, q]);
      }
    }
    piece.push([b.x, b.y[order]]);
  };
  let before = null;
  for (const run of runs) {
    run.forEach((point, k) => {
      const y = point.y[order];
      if (!Number.isFinite(y)) { close(); before = null; return; }
      if (before === null) {
        close();
        piece.push([point.x, y]);
      } else if (k > 0) {
        join(before, point);
      } else {
        const a = before.y[order], size = Math.max(Math.abs(a), Math.abs(y), 1e-2);
        if (Math.abs(a - y) > LEAST_JUMP * size) {
          close();
          ends.push([before, point]);
          piece.push([point.x, y]);
        } else {
          piece.push([point.x, y]);
          const [s, t] = [before.y[order + 1], point.y[order + 1]];
          if (order < 2 && Math.abs(s - t) > 1e-3 * Math.max(Math.abs(s), Math.abs(t), 0.1)) {
            kinks.push([point.x, y]);
          }
        }
      }
      before = point;
    });
  }
  close();
  for (const [p, q] of ends) {
    // the breakpoint is a parameter, or the one of the two that is written shorter; the curve takes
    // its value there
    const length = x => marks.some(m => Math.abs(m) === Math.abs(x)) ? 0 : String(x).length;
    const second = length(q.x) < length(p.x), x = second ? q.x : p.x;
    dots.push({x, y: p.y[order], filled: !second}, {x, y: q.y[order], filled: second});
  }
  return {pieces, kinks: kinks.filter(([x]) => x > low && x < high), dots: settled(dots)};
}

// One dot a place: filled where any says so; ends that a single point touches are open.
function settled(dots) {
  const found = new Map();
  for (const dot of dots) {
    const key = dot.x.toPrecision(12) + " " + dot.y.toPrecision(6), old = found.get(key);
    if (!old || dot.filled) found.set(key, dot);
  }
  return [...found.values()].filter(dot => Number.isFinite(dot.y));
}

// Minima and maxima of a curve inside the view, where its slope changes sign; none of waves.
function extremaOf(samples, order, low, high) {
  if (order > 1) return [];
  const found = [];
  const {runs, readAt} = samples;
  for (const run of runs) {
    for (let k = 1; k < run.length; k++) {
      let a = run[k - 1], b = run[k];
      const sign = Math.sign(a.y[order + 1]);
      if (!(sign * b.y[order + 1] < 0)) continue;
      if (Math.abs(b.y[order] - a.y[order]) > 1e6) continue;  // a pole
      for (let n = 0; n < 60; n++) {
        const middle = (a.x + b.x) / 2;
        if (!(middle > a.x && middle < b.x)) break;
        const m = readAt(middle);
        if (sign * m.y[order + 1] > 0) a = m; else b = m;
      }
      if (a.x > low && a.x < high) found.push({x: a.x, y: a.y[order], top: sign > 0});
    }
  }
  const ys = runs.flat().map(p => p.y[order]).filter(Number.isFinite);
  const height = Math.max(...ys) - Math.min(...ys);
  const apart = found.filter((p, k) => [found[k - 1], found[k + 1]].every(
    q => !q || Math.abs(q.y - p.y) > 1e-3 * height));
  return apart.length > 12 ? [] : apart;
}

// Lines y = slope*x + height that the value approaches at both ends, [low end, high end] or null.
function asymptotesOf(read) {
  return [-1, 1].map(side => {
    const line = x => { const [y, slope] = read(side * x); return [slope, y - slope * side * x]; };
    const [near, far] = [line(1e7), line(1e8)];
    const close = (a, b) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b));
    if (![...near, ...far].every(Number.isFinite)) return null;
    if (!close(near[0], far[0]) || !close(near[1], far[1])) return null;
    const round = v => Math.round(v * 1e6) / 1e6;
    return {slope: round(far[0]), height: round(far[1])};
  });
}

// The range of y that shows pieces well: without what few points reach.
function heightOf(curves, low, high) {
  const ys = curves.flatMap(c => c.pieces.flat()).filter(([x]) => x >= low && x <= high)
    .map(([, y]) => y).filter(Number.isFinite).sort((a, b) => a - b);
  if (!ys.length) return [-1, 1];
  let [bottom, top] = [ys[0], ys[ys.length - 1]];
  const [p, q] = [ys[Math.floor(ys.length * 0.03)], ys[Math.ceil(ys.length * 0.97) - 1]];
  if (top - bottom > 20 * (q - p) && q > p) [bottom, top] = [p - (q - p) / 4, q + (q - p) / 4];
  if (bottom === top) [bottom, top] = [bottom - 1, top + 1];
  const margin = 0.07 * (top - bottom);
  return [bottom - margin, top + margin];
}
