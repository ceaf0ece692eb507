#!/bin/sh
# As the start of that name in Grafana's image: its folders, and settings from the files that GF_…__FILE name.
for name in $(env | sed -n 's/^\(GF_[A-Z_]*\)__FILE=.*/\1/p'); do
    eval "file=\$${name}__FILE"
    export "$name=$(cat "$file")"
    unset "${name}__FILE"
done
export GF_PATHS_DATA=/var/lib/grafana GF_PATHS_LOGS=/tmp/log GF_PATHS_PLUGINS=/var/lib/grafana/plugins
export GF_PATHS_PROVISIONING=/etc/grafana/provisioning
exec /usr/share/grafana/bin/grafana-server -homepath /usr/share/grafana
