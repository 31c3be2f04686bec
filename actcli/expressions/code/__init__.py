"""Formulas as code: one printer (printer.py) and a table for each language (javascript.py ...)."""
