"""The core: a ward's words, the ports through which programs meet, and their adapters.

Nothing here knows any of the programs (`bridge`, `detectors`, `alerts`, `simulators`, `web`).
Read it in this order: `reading`, `signals`, `inventory`, `finding`, `alert` are the words;
`ports` says what a log, a store, a broker and a notifier promise; `wire` is how words travel;
`adapters` keep the promises on a real engine; `service` runs a program that stands on them.
"""

__version__ = "0.1.0"
