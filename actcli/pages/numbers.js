// Numbers as `actcli table` prints them: six significant digits, ties to the even one.
function sixDigits(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return "0";
  let [mantissa, exponent] = value.toExponential(5).split("e");
  const [exact] = value.toExponential(60).split("e");
  const digits = exact.replace(/[-.]/g, "");
  if (/^50*$/.test(digits.slice(6)) && Number(digits[5]) % 2 === 0) {
    mantissa = (value < 0 ? "-" : "") + digits[0] + "." + digits.slice(1, 6);
  }
  const power = Number(exponent);
  const plain = text => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  if (power < -4 || power >= 6) {
    const sign = power < 0 ? "-" : "+";
    return plain(mantissa) + "e" + sign + String(Math.abs(power)).padStart(2, "0");
  }
  return plain(Number(mantissa + "e" + power).toFixed(5 - power));
}

// The shortest decimal that is this double, with the sign of -0.
function exactText(value) {
  return Object.is(value, -0) ? "-0" : String(value).replace("Infinity", "inf").replace("NaN", "nan");
}

function percent(share) {
  const text = (100 * share).toFixed(1);
  return share > 0 && text === "0.0" ? "< 0.1 %" : `${text.replace(/\.0$/, "")} %`;
}

// Round numbers for an axis from low to high, about `count` of them.
function ticks(low, high, count) {
  const rough = (high - low) / count, unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(m => m * unit).find(s => s >= rough) || 10 * unit;
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  return found;
}
