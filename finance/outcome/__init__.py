"""What is reported: the registry of measures, their sums over paths, estimates with intervals."""
