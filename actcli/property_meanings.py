"""The questions about a function, in the order in which they are asked: what each means if it holds.

The functions of these names in `properties` answer them; help and completion read no more than this.
"""

MEANINGS = {
    "continuous": "it has no jumps",
    "differentiable": "it has a derivative but at finitely many kinks",
    "smoothness": "its derivative is continuous; the value is k of C^k",
    "nonlinear": "it is no a*x + b",
    "monotonic": "it never falls; the value: where it rises, falls, is flat",
    "convex": "it is; the value: convex, concave, affine or neither",
    "range": "it is bounded; the value: by what, attained or not",
    "gradient_range": "the same of the gradient",
    "saturates_left": "at -infinity it has a limit, and its gradient 0",
    "saturates_right": "the same at infinity",
    "zero_centred": "its mean over standard normal inputs is 0",
    "symmetry": "it is odd or even",
    "identity_at_zero": "f(0) = 0 and f'(0) = 1: it first passes signals on",
    "dead_zone": "it is constant on an interval",
    "order_kept": "a larger input always gives a larger output",
    "gaussian_moments": "means over normal inputs are finite; the value: they",
    "gain": "the value: weights scaled by it keep a signal's size",
    "cost": "operations of the formula, and those of its gradient",
    "numerically_stable": "the program's results are within 16 ulps",
    "same_as": "registered functions that are equal to it",
}
