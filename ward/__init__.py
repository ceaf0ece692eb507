"""What at least two programs use: the messages, the ports, their adapters, and the config.

No module here imports a program (`bridge`, `detectors`, `alerts`, `simulators`, `web`). A good order to read:
`reading`, `signals`, `inventory`, `finding` and `alert` are the data; `wire` encodes them; `ports` states what a log, a
store and a broker guarantee; `adapters` implement the ports on real engines and in memory; `config` loads the config.
"""

__version__ = "0.1.0"
