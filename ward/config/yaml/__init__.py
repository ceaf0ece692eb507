"""From a file's bytes to plain data that knows where each of its parts stands, and to what is wrong with it."""
