"""Audits: somebody's implementation against the truth, in units of the last place of its format.

Definitions. t is the real value, R = t rounded to nearest, ties to even, y the implementation's
number. u is the spacing of the format at R (above, at a power of two). ulps = |y - t|/u, so that 0.5
is the least possible maximum; steps are the numbers of the format between y and R. An infinite y
counts as the first power of two beyond the format's range.

    f = activation("gelu")
    truth = Reference(f, "float16").at(patterns)     # reference.py: t, R and u, certain
    measured = compared(truth, y)                    # measures.py: counts, maxima, sums; they add up
"""

DEFINITIONS = (
    "t: the real value; R: t rounded to nearest, ties to even; y: what the implementation gives. "
    "u: spacing of the format at R. ulps = |y - t|/u (0.5 is the least possible maximum); steps: "
    "numbers of the format between y and R. An infinite y counts as the first power of two beyond "
    "the range. Gradients at kinks are a convention, wrong only outside the one-sided slopes."
)
