"""Reads iCalendar files: which events they have in a span of time, and what is wrong in which line."""
