"""Certified claims about a formula over the line: proved, refuted or undecided, never sampled.

The line is every finite double. It is cut at the breakpoints of the formula; on each piece the formula is
analytic, and signs are settled by interval arithmetic on cells that are halved where they are open,
widest first, on a total budget of cells. Callers import the modules: limits need no sign patterns.
"""
