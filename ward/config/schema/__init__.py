"""The files of a config directory, as people write them."""
