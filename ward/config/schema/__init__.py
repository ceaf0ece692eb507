"""Models of the files of a config directory, as they are written."""
