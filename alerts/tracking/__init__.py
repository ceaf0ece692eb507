"""Which alerts there are: findings and actions folded into tracked alerts."""
