"""Design-space exploration for neural network architectures."""
