"""What a detector is: its base class, the columns of its state, a learned baseline, the registry of all detectors."""
