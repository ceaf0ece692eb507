"""Labels and annotations that our alert rules in Grafana carry, for the programs that write and read them."""

ALERT = "wardwatch_alert"  # the label with the name of the alert that a rule is about
REACH = "reach"
# Values of `reach`: Wardwatch notifies, Wardwatch has notified already, or Grafana notifies.
OURS, ECHO, DIRECT = "wardwatch", "echo", "direct"
