"""A detector: its base class, the columns of its state, a learned baseline, and the registry of all detectors."""
