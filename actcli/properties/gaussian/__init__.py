"""Questions about f(Z) for a standard normal Z."""
