"""Designs approximations: the best of their form, with coefficients that the hardware has.

exchange.py finds best polynomials and rational functions, certificates.py proves their errors, the
modules piecewise.py, tables.py and refit.py do the other forms, grids.py rounds coefficients.
"""
