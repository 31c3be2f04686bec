"""What is drawn, as data: built from functions and runs, for figures/ to draw."""
