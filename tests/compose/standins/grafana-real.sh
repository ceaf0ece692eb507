#!/bin/sh
# As the start of that name in Grafana's image: paths, and secrets from files.
export GF_SECURITY_ADMIN_PASSWORD="$(cat "$GF_SECURITY_ADMIN_PASSWORD__FILE")" GF_PATHS_DATA=/var/lib/grafana
export GF_PATHS_LOGS=/tmp/log GF_PATHS_PLUGINS=/var/lib/grafana/plugins GF_PATHS_PROVISIONING=/etc/grafana/provisioning
unset GF_SECURITY_ADMIN_PASSWORD__FILE
exec /usr/share/grafana/bin/grafana-server -homepath /usr/share/grafana
