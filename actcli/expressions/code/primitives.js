// The primitives in doubles, by the names that formulas use; expressions/code/javascript.py takes
// what a page needs, each function from its "function" to the next.

// never infinity, whose product with 0 has no value
function exp(x) { return Math.exp(x); }
function power(x, n) { return n === 2 ? x * x : Math.pow(x, n); }
function expm1(x) { return Math.expm1(x); }
function log(x) { return Math.log(x); }
function log1p(x) { return Math.log1p(x); }
function sqrt(x) { return Math.sqrt(x); }
function cbrt(x) { return Math.cbrt(x); }
function abs(x) { return Math.abs(x); }
function sign(x) { return Math.sign(x); }

// w*x as a rounded product and what the rounding lost: at x = 1e10 that is all there is
function product(w, x) {
  const high = w * x, a = 134217729 * w, b = 134217729 * x;
  const w1 = a - (a - w), w2 = w - w1, x1 = b - (b - x), x2 = x - x1;
  const low = ((w1 * x1 - high) + w1 * x2 + w2 * x1) + w2 * x2;
  return [high, isFinite(low) ? low : 0];
}

// sin(w*x)
function sin(x, w = 1) {
  const [high, low] = product(w, x);
  return Math.sin(high) * Math.cos(low) + Math.cos(high) * Math.sin(low);
}

// cos(w*x)
function cos(x, w = 1) {
  const [high, low] = product(w, x);
  return Math.cos(high) * Math.cos(low) - Math.sin(high) * Math.sin(low);
}

function tan(x) { return Math.tan(x); }
function sinh(x) { return Math.sinh(x); }
function cosh(x) { return Math.cosh(x); }
function asinh(x) { return Math.asinh(x); }
function atanh(x) { return Math.atanh(x); }
function arctan(x) { return Math.atan(x); }
function tanh(x) { return Math.tanh(x); }

function sech(x) {
  const e = Math.exp(-Math.abs(x));
  return 2 * e / (1 + e * e);
}

function logistic(x) {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

function softplus(x) { return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))); }

// exp(x*x) erfc(x) for x >= 0: (1 + 2x) times it is a Chebyshev series in (x - 3.75)/(x + 3.75)
function erfcx(x) {
  const coefficients = [
    1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189,
    -0.026658668435305753, 0.009074997670705265, -0.002413163540417608, 0.0004907758365258086,
    -6.916973302501207e-05, 4.13902798607301e-06, 7.74038306619849e-07, -2.1886401049234397e-07,
    1.076499946567091e-08, 4.521959811218287e-09, -7.754400208831351e-10, -6.318088340886684e-11,
    2.86879501093067e-11, 1.9455868545777347e-13, -9.65469674843344e-13, 3.25254814814874e-14,
    3.3478119482868056e-14, -1.864562880419313e-15, -1.2507950530688648e-15,
    7.418235256624044e-17, 5.068148904796111e-17, -2.2370566594359995e-18,
    -2.187342944303018e-18
  ];
  const t = x < 1e300 ? (x - 3.75) / (x + 3.75) : 1;
  let before = 0, here = 0;
  for (let n = coefficients.length - 1; n > 0; n--) {
    const next = 2 * t * here - before + coefficients[n];
    before = here;
    here = next;
  }
  return (t * here - before + coefficients[0]) / (1 + 2 * x);
}

// exp(-x*x): in one exp the rounding of x*x would be magnified
function bell(x) {
  const size = Math.min(Math.abs(x), 40), near = Math.round(size * 16) / 16;
  return Math.exp(-near * near) * Math.exp((near - size) * (near + size));
}

function erfc(x) { return x < 0 ? 2 - erfc(-x) : bell(x) * erfcx(x); }

function erf(x) {
  if (Math.abs(x) > 0.5) return x < 0 ? erfc(-x) - 1 : 1 - erfc(x);
  let total = 0;
  for (let n = 14, sum = 0; n >= 0; n--) {
    let factorial = 1;
    for (let k = 2; k <= n; k++) factorial *= k;
    sum = 1 / (factorial * (2 * n + 1)) - x * x * sum;
    total = sum;
  }
  return 1.1283791670955126 * x * total;
}

// the argument x/sqrt(2) is rounded, so the bell is taken of x itself
function normal_cdf(x) {
  const size = Math.min(Math.abs(x), 60), near = Math.round(size * 16) / 16;
  const head = Math.exp(-near * near / 2) * Math.exp((near - size) * (near + size) / 2);
  const upper = head * erfcx(size * 0.7071067811865476) / 2;
  return x < 0 ? upper : 1 - upper;
}

function softsign(x) { return Math.abs(x) === Infinity ? Math.sign(x) : x / (1 + Math.abs(x)); }

function softsign_cdf(x) {
  const half = 0.5 / (1 + Math.abs(x));
  return x < 0 ? half : 1 - half;
}

function algebraic(x) {
  return Math.abs(x) === Infinity ? Math.sign(x) : x / Math.hypot(1, x);
}

function algebraic_cdf(x) {
  const root = Math.hypot(1, x), share = 0.5 / root / (root + Math.abs(x));
  return x < 0 ? share : 1 - share;
}

function root_ramp(x) {
  const root = Math.hypot(1, x) + Math.abs(x);
  return x < 0 ? 0.5 / root : root / 2;
}

function root_gap(x) {
  const root = Math.hypot(1, x);
  return Math.abs(x) < 1 ? x * x / (root + 1) : root - 1;
}

function algebraic_gate(x) { return x * algebraic_cdf(x); }

function algebraic_gate_slope(x) {
  const root = Math.hypot(1, x);
  return (1 / root + x) / root * (root_ramp(x) / root);
}

function tanh_gap(x) {
  if (Math.abs(x) >= 1) return x - Math.tanh(x);
  const square = x * x;
  let tail = square / 29;
  for (let odd = 27; odd > 1; odd -= 2) tail = square / (odd + tail);
  return x * (tail / (1 + tail));
}

function exp_gap(x) {
  if (Math.abs(x) >= 1) return Math.expm1(x) - x;
  let tail = 1;
  for (let n = 23; n > 2; n--) tail = 1 + tail * x / n;
  return x * x / 2 * tail;
}

function arctan_gate(x) {
  const share = x < -1 ? Math.atan(-1 / x) : Math.atan(x) + Math.PI / 2;
  return x * (share / Math.PI);
}

function arctan_gate_slope(x) {
  if (x >= -1) return 0.5 + Math.atan(x) / Math.PI + x / (Math.PI * (1 + x * x));
  const t = -1 / x, square = t * t;
  if (t >= 0.125) return (Math.atan(t) - t / (1 + square)) / Math.PI;
  let series = 0;
  for (let k = 12; k > 0; k--) series = 2 * k / (2 * k + 1) - square * series;
  return t * square * series / Math.PI;
}

// j_n(x)/x^n; near 0 from its series, further out by recurrence in n
function bessel_quotient(x, n) {
  const square = x * x;
  if (square <= n + 1) {
    let term = 1, series = 0;
    for (let k = 1; k <= n; k++) term /= 2 * k + 1;
    for (let k = 1; k < 24; k++) {
      series += term;
      term = -term * square / (2 * k * (2 * n + 2 * k + 1));
    }
    return series;
  }
  let before = Math.cos(x), here = Math.sin(x) / x;
  for (let k = 0; k < n; k++) {
    const next = ((2 * k + 1) * here - before) / square;
    before = here;
    here = next;
  }
  return here;
}

function sinc(x) { return bessel_quotient(x, 0); }
function sinc_1(x) { return bessel_quotient(x, 1); }
function sinc_2(x) { return bessel_quotient(x, 2); }
function sinc_3(x) { return bessel_quotient(x, 3); }
