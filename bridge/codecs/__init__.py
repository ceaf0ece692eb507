"""Codecs: one file each, `ls` is the list.

A codec is a subclass of `Codec` with a name; the class statement registers it, and one line of
`bridge.yaml` maps topics to it. It is told the topic's levels and the payload, and makes drafts or
raises `Refused`. It looks at no clock, and what it has learnt it may forget at any time.
"""

import importlib
import pkgutil

from bridge.codecs.base import Codec

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["Codec"]
