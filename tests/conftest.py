"""Ctrl-C has effect in tests that were started in the background, where shells switch it off."""

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
