"""Tables and constants of the elementary functions of pairs of doubles, made once in integers."""

from functools import cache
from math import isqrt

import numpy as np

from .double_double import DoubleDouble, pair
from .types import Array

BITS = 160  # of the integers, after the point
STEPS = 256  # of tables, per unit or per octave
PIECE, PIECES = 25, 10  # bits of a turn are kept in pieces, whose products are exact


def of_integers(whole: list[int], bits: int = BITS) -> DoubleDouble:
    """The numbers whole/2^bits."""
    high = [float(n) for n in whole]
    low = [float(n - int(h)) for n, h in zip(whole, high, strict=True)]
    return pair(np.ldexp(high, -bits), np.ldexp(low, -bits))


def _sum_of_powers(x: int, bits: int, step: int, sign: int) -> int:
    """x + sign x^3/3 + x^5/5 ... (step 2), for a small x: artanh or arctan."""
    square, power, total, n = x * x >> bits, x, x, 1
    while power:
        power = sign * (power * square >> bits)
        n += step
        total += power // n
    return total


@cache
def pi(bits: int) -> int:
    """pi*2^bits (Machin)."""
    more = bits + 32

    def arctan_of_inverse(n: int) -> int:
        return _sum_of_powers((1 << more) // n, more, 2, -1)

    return (16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)) >> 32


@cache
def ln2(bits: int) -> int:
    return 2 * _sum_of_powers((1 << bits + 32) // 3, bits + 32, 2, 1) >> 32


@cache
def log_step() -> tuple[float, float, float]:
    """ln(2)/256 in three parts, of which the first two have 26 bits, so that products are exact."""
    rest, parts = ln2(BITS) // STEPS, []
    for place in (26 + 9, 52 + 9):
        unit = 1 << BITS - place
        parts.append(rest // unit)
        rest -= parts[-1] * unit
    return float(parts[0]) * 2.0**-35, float(parts[1]) * 2.0**-61, float(rest) * 2.0**-BITS


@cache
def exp_table() -> tuple[DoubleDouble, DoubleDouble]:
    """2^(n/256) for n = 0 ... 255, and 2^(n/256) - 1 for n = -256 ... 255."""
    one, step = 1 << BITS, 1 << 2 * BITS + 1
    root = isqrt(step)  # sqrt(2)
    for _ in range(7):
        root = isqrt(root << BITS)
    powers = [one]
    while len(powers) < STEPS:
        powers.append(powers[-1] * root >> BITS)
    below = [(p >> 1) - one for p in powers]
    return of_integers(powers), of_integers(below + [p - one for p in powers])


@cache
def log_table() -> DoubleDouble:
    """log(n/128) for n = 0 ... 191, of which the first 80 are not wanted."""
    logs = {128: 0}
    for n in range(128, 191):  # log((n + 1)/n) is 2 artanh(1/(2n + 1))
        logs[n + 1] = logs[n] + 2 * _sum_of_powers((1 << BITS) // (2 * n + 1), BITS, 2, 1)
    for n in range(128, 80, -1):
        logs[n - 1] = logs[n] - 2 * _sum_of_powers((1 << BITS) // (2 * n - 1), BITS, 2, 1)
    return of_integers([logs.get(n, 0) for n in range(192)])


@cache
def wave_table() -> tuple[DoubleDouble, DoubleDouble]:
    """sin and cos of n/256, n = 0 ... 255."""
    one, step = 1 << BITS, 1 << BITS - 8
    sine, cosine, term, n = 0, 0, one, 0
    while term:
        if n % 2:
            sine += term if n % 4 == 1 else -term
        else:
            cosine += term if n % 4 == 0 else -term
        n += 1
        term = (term * step >> BITS) // n
    sines, cosines = [0], [one]
    while len(sines) < STEPS:
        s, c = sines[-1], cosines[-1]
        sines.append(s * cosine + c * sine >> BITS)
        cosines.append(c * cosine - s * sine >> BITS)
    return of_integers(sines), of_integers(cosines)


@cache
def arctan_table() -> DoubleDouble:
    """arctan(n/256), n = 0 ... 256."""
    found = [0]
    for n in range(STEPS):  # arctan((n + 1)/256) - arctan(n/256)
        tangent = (STEPS << BITS) // (STEPS**2 + n * (n + 1))
        found.append(found[-1] + _sum_of_powers(tangent, BITS, 2, -1))
    return of_integers(found)


@cache
def turns() -> Array:
    """2^e*2/pi modulo 4 in pieces, the first of weight 2^-23: row e + 80 for e >= -80."""
    bits = 1100 + PIECE * (PIECES + 4)
    inverse = (1 << 2 * bits + 1) // pi(bits)  # 2/pi * 2^bits
    whole = PIECE * PIECES - 2
    rows = []
    for e in range(-80, 1100):
        turn = (inverse << e if e > 0 else inverse >> -e) >> bits - whole
        turn &= (1 << whole + 2) - 1
        rows.append([
            turn >> PIECE * (PIECES - 1 - k) & (1 << PIECE) - 1 for k in range(PIECES)
        ])  # fmt: skip
    return np.array(rows, np.float64).T.copy()
