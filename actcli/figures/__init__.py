"""Pictures as a file's bytes or a terminal's text, from plain data (see `data`)."""

import logging

logging.getLogger("matplotlib").setLevel(logging.CRITICAL)  # of its directories and settings
