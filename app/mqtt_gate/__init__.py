"""The gate before the embedded broker: which clients it serves, and how fast it reads from each."""
