"""YAML as plain Python values, by libyaml where PyYAML was built with it: about ten times as fast."""

from typing import Any

import yaml

try:
    from yaml import CSafeDumper as Dumper
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeDumper as Dumper  # type: ignore[assignment]
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["Dumper", "Loader", "parse_yaml"]


def parse_yaml(text: str) -> Any:
    """Mappings, lists, texts and numbers, without their places. Raises `yaml.YAMLError`.

    A text that libyaml refuses is read again by the Python loader, whose errors have better places.
    """
    try:
        return yaml.load(text, Loader=Loader)
    except yaml.YAMLError:
        return yaml.safe_load(text)
