"""Series that nobody described, made with labels, and how scores of them are judged."""
