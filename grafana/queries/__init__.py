"""InfluxQL queries, and the targets by which panels send them."""
