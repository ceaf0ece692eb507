"""Plots of a series with its scores and alerts: an image, or a page."""
