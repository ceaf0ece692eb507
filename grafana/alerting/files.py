"""The provisioning files of Grafana's alerting, which `wardwatch grafana alerts` writes."""

from collections.abc import Mapping
from typing import Any

import yaml

from grafana.alerting.contact_points import contact_points
from grafana.alerting.mute_timings import mute_timings
from grafana.alerting.policies import policies
from grafana.alerting.rules.active_alerts import active_alerts
from grafana.alerting.rules.pipeline import pipeline
from grafana.alerting.rules.safety_net import safety_net
from grafana.alerting.templates import templates
from ward.config.config import Config
from ward.config.yaml.libyaml import Dumper

FOLDERS = ("alerting",)  # every file in these folders is generated
HEAD = "# Made from config/ by `wardwatch grafana alerts`: edit that, not this.\n"


def files(config: Config) -> Mapping[str, str]:
    """The text of each file, by its path below `grafana/provisioning`."""
    contents = {
        "alerting/contact-points.yaml": contact_points(config.alerting),
        "alerting/mute-timings.yaml": mute_timings(config.alerting),
        "alerting/policies.yaml": policies(config.alerting),
        "alerting/templates.yaml": templates(),
        "alerting/rules-active-alerts.yaml": active_alerts().provisioned(),
        "alerting/rules-pipeline.yaml": pipeline(config).provisioned(),
        "alerting/rules-safety-net.yaml": safety_net(config).provisioned(),
    }
    texts = {path: HEAD + _yaml(content) for path, content in contents.items()}
    # Grafana logs an error for each of these folders that does not exist.
    return texts | {"plugins/.gitkeep": "", "notifiers/.gitkeep": ""}


class _Dumper(Dumper):
    """Writes no anchors, and texts of several lines as blocks: people read the files too."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: Dumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent_text)


def _yaml(content: Mapping[str, Any]) -> str:
    return yaml.dump(dict(content), Dumper=_Dumper, sort_keys=False, width=118, allow_unicode=True)
