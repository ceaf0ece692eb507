"""Everything of this room as files: what `wardwatch grafana alerts` writes, and a test holds against what is there."""

from collections.abc import Mapping
from typing import Any

import yaml

from grafana.alerting.mute_timings import mute_timings
from grafana.alerting.people import contact_points
from grafana.alerting.pipeline import pipeline
from grafana.alerting.policies import policies
from grafana.alerting.safety_net import safety_net
from grafana.alerting.templates import templates
from grafana.alerting.verdicts import verdicts
from ward.config.config import Config
from ward.config.yaml.libyaml import Dumper

ROOMS = ("alerting",)  # the folders whose every file is made here
HEAD = "# Made from config/ by `wardwatch grafana alerts`: edit that, not this.\n"


def files(config: Config) -> Mapping[str, str]:
    """The text of each file, by its path below `grafana/provisioning`."""
    made = {
        "alerting/contact-points.yaml": contact_points(config.alerting),
        "alerting/mute-timings.yaml": mute_timings(config.alerting),
        "alerting/policies.yaml": policies(config.alerting),
        "alerting/templates.yaml": templates(),
        "alerting/rules-verdicts.yaml": verdicts().provisioned(),
        "alerting/rules-pipeline.yaml": pipeline(config).provisioned(),
        "alerting/rules-safety-net.yaml": safety_net(config).provisioned(),
    }
    said = {path: HEAD + _yaml(content) for path, content in made.items()}
    # Grafana complains in its log of folders that are not there.
    return said | {"plugins/.gitkeep": "", "notifiers/.gitkeep": ""}


class _Dumper(Dumper):
    """Without anchors, and texts of several lines as blocks: people read it too."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Dumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _yaml(content: Mapping[str, Any]) -> str:
    return yaml.dump(dict(content), Dumper=_Dumper, sort_keys=False, width=118, allow_unicode=True)
