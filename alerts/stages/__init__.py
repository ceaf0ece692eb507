"""The stages between tracked alerts and the outbox, in the order of the chain: late, inhibit, silence, route, mute,
escalate, group, dedup, deliver. Each is a function from batch to batch."""
