"""What a series has been like so far, in bounded memory: its season, its usual changes, and how rare the newest is."""
