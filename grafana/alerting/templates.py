"""The texts of Grafana's own messages, in the same words as Wardwatch's. They contain no `$`.

A message about an end gives the reason that Grafana gives: an alert whose series is missing may not have ended.
"""

from typing import Any

SUBJECT = "wardwatch.subject"
BODY = "wardwatch.body"

_TEMPLATES = """
{{ define "wardwatch.head" }}{{ if eq .Status "firing" }}{{ .Labels.severity | toUpper }} priority,\
{{ else if .Annotations.grafana_state_reason }}SIGNAL LOST (not known whether the alert has ended):\
{{ else if eq .Labels.ends "known" }}ALERT ENDED:\
{{ else }}DATA MISSING (not known whether the alert has ended):{{ end }} \
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
{{ end }}Rule {{ .Labels.alertname }}, sent by Grafana itself
{{ if .GeneratorURL }}See: {{ .GeneratorURL }}
{{ end }}{{ end }}

{{ define "wardwatch.body" }}{{ range .Alerts.Firing }}{{ template "wardwatch.one" . }}
{{ end }}{{ range .Alerts.Resolved }}{{ template "wardwatch.one" . }}
{{ end }}Sent by Grafana, because Wardwatch does not work or is itself the cause. Advisory: look at the monitors.
{{ end }}
"""


def templates() -> dict[str, Any]:
    """The content of Grafana's file."""
    text = _TEMPLATES.replace("\\\n", "").strip() + "\n"
    return {"apiVersion": 1, "templates": [{"orgId": 1, "name": "wardwatch", "template": text}]}
