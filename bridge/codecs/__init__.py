"""Codecs, one module each. Every module of this folder is imported.

A codec is a subclass of `Codec` with a name. The class statement registers it, and one line of `bridge.yaml` maps
topics to it. It gets the topic's levels and the payload and returns decoded readings or raises `Refused`. It reads no
clock, and what it has learnt from messages may be lost at any time.
"""

import importlib
import pkgutil

from bridge.codecs.base import Codec

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["Codec"]
