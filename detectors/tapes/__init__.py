"""Tapes: short texts of values and the findings that a rule must make of them."""
