"""Every primitive in mpmath; None where it has no value."""

from mpmath import mp, mpf


def _bessel(n):
    """j_n(x)/x^n."""

    def value(x):
        if abs(x) < mpf("1e-3"):
            terms = (
                (-x * x / 2) ** k / (mp.factorial(k) * mp.fac2(2 * n + 2 * k + 1))
                for k in range(12)
            )
            return sum(terms, mpf(0))
        before, here = mp.cos(x), mp.sin(x) / x
        for k in range(n):
            before, here = here, ((2 * k + 1) * here - before) / (x * x)
        return here

    return value


def _root(x):
    return mp.sqrt(1 + x * x)


TRUTH = {
    "exp": mp.exp, "expm1": mp.expm1, "log": lambda x: mp.log(x) if x > 0 else None,
    "log1p": lambda x: mp.log(1 + x) if x > -1 else None,
    "sqrt": lambda x: mp.sqrt(x) if x >= 0 else None, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "abs": abs, "sign": mp.sign, "sin": mp.sin, "cos": mp.cos, "tan": mp.tan,
    "sinh": mp.sinh, "cosh": mp.cosh, "sech": mp.sech, "asinh": mp.asinh, "arctan": mp.atan,
    "atanh": lambda x: mp.atanh(x) if abs(x) < 1 else None, "tanh": mp.tanh,
    "logistic": lambda x: 1 / (1 + mp.exp(-x)), "softplus": lambda x: mp.log1p(mp.exp(x)),
    "erf": mp.erf, "erfc": mp.erfc, "normal_cdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    "softsign": lambda x: x / (1 + abs(x)), "softsign_cdf": lambda x: (1 + x / (1 + abs(x))) / 2,
    "algebraic": lambda x: x / _root(x), "algebraic_cdf": lambda x: (1 + x / _root(x)) / 2,
    "root_ramp": lambda x: (x + _root(x)) / 2, "root_gap": lambda x: _root(x) - 1,
    "algebraic_gate": lambda x: x * (1 + x / _root(x)) / 2,
    "algebraic_gate_slope": lambda x: (1 + x / _root(x) * (1 + 1 / (1 + x * x))) / 2,
    "tanh_gap": lambda x: x - mp.tanh(x), "exp_gap": lambda x: mp.expm1(x) - x,
    "arctan_gate": lambda x: x * (mp.atan(x) / mp.pi + mpf(1) / 2),
    "arctan_gate_slope": lambda x: mp.atan(x) / mp.pi + mpf(1) / 2 + x / (mp.pi * (1 + x * x)),
    "sinc": _bessel(0), "sinc_1": _bessel(1), "sinc_2": _bessel(2), "sinc_3": _bessel(3),
}  # fmt: skip
