"""The stages between an alert and the outbox, in the order of the chain: late, inhibit, silence, route, mute, escalate,
group, dedup, deliver."""
