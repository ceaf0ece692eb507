"""The adapters: the only files that import a client library. `ls` is the list."""
