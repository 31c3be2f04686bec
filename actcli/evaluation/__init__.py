"""Functions at inputs: values, gradients, limits, breakpoints and domains, in every dtype."""
