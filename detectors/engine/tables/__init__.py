"""The rows of each detector: one rule on one series, with parameters, state and decision in columns."""
