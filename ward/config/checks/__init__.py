"""What one file alone cannot know: each against the others."""
