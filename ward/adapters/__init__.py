"""The adapters: the only modules that import a client library."""
