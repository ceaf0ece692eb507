"""A load generator: many devices through few connections."""
