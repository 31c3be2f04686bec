"""Small networks, trained for all seeds at once, in plain numpy."""
