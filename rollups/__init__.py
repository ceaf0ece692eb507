"""Roll-ups by minute, hour and day beside the raw readings, so that queries over months are fast."""
