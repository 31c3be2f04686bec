"""The list of activation functions, in the course notes' families."""
