"""The programs of one machine: put together, run, counted and balanced."""
