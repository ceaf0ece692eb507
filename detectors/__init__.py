"""The detectors: one file each, `ls` is the list. The engine they run on is `detectors.engine`."""
