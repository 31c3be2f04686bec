"""HTML pages: one file that computes and draws functions in a browser, without a network.

Formulas are written as JavaScript (expressions/code), everything else that a page tells is the text
and the numbers of the other commands. page.css and the scripts are package files.
"""
