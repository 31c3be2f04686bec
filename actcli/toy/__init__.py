"""Small networks, trained for all seeds at once: plain numpy, nothing but `evaluate` beneath."""
