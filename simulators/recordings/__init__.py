"""Recordings of real patients, and the replay of a recording as the monitor of a bed."""
