"""Pictures as a file's bytes or a terminal's text, from plain data (see `data`)."""
