"""What Grafana's own messages say: the words of ours. No variables are used, so no `$` can be mistaken for one.

An end is told with its reason, where Grafana gives one: a series it does not see any more is not known to be over.
"""

from typing import Any

SUBJECT = "wardwatch.subject"
BODY = "wardwatch.body"

_TEMPLATES = """
{{ define "wardwatch.head" }}{{ if eq .Status "firing" }}{{ .Labels.severity | toUpper }}\
{{ else if .Annotations.grafana_state_reason }}SIGNAL LOST (not known to be over)\
{{ else if eq .Labels.ends "known" }}ENDED (recovered)\
{{ else }}NO LONGER SEEN (not known to be over){{ end }} \
{{ if .Annotations.summary }}{{ .Annotations.summary }}{{ else }}{{ .Labels.alertname }}{{ end }}{{ end }}

{{ define "wardwatch.first" }}{{ template "wardwatch.head" index . 0 }}\
{{ if gt (len .) 1 }} and others, {{ len . }} in all{{ end }}{{ end }}

{{ define "wardwatch.subject" }}{{ if .Alerts.Firing }}{{ template "wardwatch.first" .Alerts.Firing }}\
{{ else }}{{ template "wardwatch.first" .Alerts.Resolved }}{{ end }}{{ end }}

{{ define "wardwatch.one" }}{{ template "wardwatch.head" . }}
Since {{ .StartsAt.Format "2006-01-02 15:04:05 MST" }}
{{ if .Annotations.description }}{{ .Annotations.description }}
{{ end }}{{ if .Labels.ward }}Ward {{ .Labels.ward }}
{{ end }}{{ if .Labels.device_id }}Device {{ .Labels.device_id }}
{{ end }}Rule {{ .Labels.alertname }}, told by Grafana itself
{{ if .GeneratorURL }}See: {{ .GeneratorURL }}
{{ end }}{{ end }}

{{ define "wardwatch.body" }}{{ range .Alerts.Firing }}{{ template "wardwatch.one" . }}
{{ end }}{{ range .Alerts.Resolved }}{{ template "wardwatch.one" . }}
{{ end }}Told by Grafana, because Wardwatch cannot or is what fails. Advisory: look at the monitors.
{{ end }}
"""


def templates() -> dict[str, Any]:
    """As Grafana's file has them."""
    text = _TEMPLATES.replace("\\\n", "").strip() + "\n"
    return {"apiVersion": 1, "templates": [{"orgId": 1, "name": "wardwatch", "template": text}]}
