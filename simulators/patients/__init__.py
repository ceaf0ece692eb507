"""Patients: a baseline, a hidden state of the body, and the vital signs computed from both."""
