"""Recordings of real patients, and how one is published again as a bed."""
