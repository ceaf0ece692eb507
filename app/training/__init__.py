"""Trains models for the detector `learned` on the past of devices."""
