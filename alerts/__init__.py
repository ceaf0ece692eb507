"""The alerts: findings folded into alerts, and alerts told to people."""
