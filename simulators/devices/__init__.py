"""Bedside monitors and humidity loggers: what they measure and show, without a network."""
