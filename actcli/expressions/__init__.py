"""Formulas as trees: parsing, programs, exact algebra, LaTeX."""
