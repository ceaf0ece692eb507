"""Suggestions: limits and delays for the noisiest beds, tried on the readings of these beds."""
