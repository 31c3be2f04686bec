"""Numbers and columns from text, files and standard input."""
