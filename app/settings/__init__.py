"""The settings, where they come from, and how config is read with them."""
