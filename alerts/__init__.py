"""The alerts: findings become alerts, and receivers are notified of them."""
