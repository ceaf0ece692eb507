"""What the screens know: state folded from the log, in memory."""
