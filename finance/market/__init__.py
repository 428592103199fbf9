"""The market for venture capital: values, clearing, the compiled kernel and its equilibrium."""
