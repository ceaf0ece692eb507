"""Files of values as tables of texts, and their texts as times and numbers."""
