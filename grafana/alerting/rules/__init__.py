"""The three groups of alert rules, and the parts that a rule is made of."""
