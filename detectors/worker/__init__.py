"""The detectors program between the log and the engine: read, evaluate, publish, save state, commit."""
