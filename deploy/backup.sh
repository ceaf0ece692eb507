#!/bin/sh
# Copies everything that is not in the checkout: deploy/backup.sh FOLDER
#
# 1. Programs, broker and log stop together, for as long as it takes to copy them (seconds to a minute): devices keep what
#    was not acknowledged, and send it again. So log, outbox and offsets are of one instant.
# 2. The database and Grafana stop one after the other. Detection and alerts go on meanwhile; the archive catches up. The
#    database's copy is younger than the log's, so what it lacks is still in the log when both are restored.
# 3. Config, secrets and .env.
#
# COMPOSE may hold another command than `docker compose`. Run it where docker-compose.yml is.
set -eu
umask 077
target=${1:?"usage: deploy/backup.sh FOLDER"}
compose=${COMPOSE:-docker compose}
docker compose version >/dev/null 2>&1 || compose=${COMPOSE:-docker-compose}
mkdir -p "$target"
[ -z "$(ls -A "$target")" ] || { echo "$target is not empty: give a new folder" >&2; exit 1; }

container() { $compose ps -q "$1" | head -n 1; }
image=$(docker inspect -f '{{.Image}}' "$(container alerts)")
running=$($compose ps --services --filter status=running 2>/dev/null || $compose ps --services)

# One archive a volume, named after what is in it: kafka-data.tar
copy() {
    for service in "$@"; do
        docker inspect -f '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}' "$(container "$service")" |
            tr ' ' '\n' | grep -- '[_-]\(data\|config\|tokens\|token\)$' | while read -r volume; do
            docker run --rm --network none --read-only --user 0:0 -v "$volume:/from:ro" --entrypoint tar "$image" \
                -C /from --numeric-owner -cf - . > "$target/${volume##*_}.tar"
        done
    done
}

# Names of services that run, out of those given.
of_these() { for service in "$@"; do echo "$running" | grep -qx "$service" && echo "$service"; done || true; }

away() {
    what=$1; shift
    began=$(date +%s)
    services=$(of_these "$@")
    $compose stop $services >/dev/null 2>&1
    copy $services
    $compose start $services >/dev/null 2>&1
    echo "$what: away for $(($(date +%s) - began)) s"
}

away "programs, broker and log" simulators bridge detectors detectors-2 rollups rollups-2 alerts alerts-2 web web-2 \
    mosquitto kafka
away "database" influxdb
away "Grafana" grafana
tar -C "${CONFIG_DIR:-./config}" -cf "$target/config.tar" .
tar -C "${SECRETS_DIR:-./secrets}" -cf "$target/secrets.tar" .
[ ! -f .env ] || cp .env "$target/env"
(cd "$target" && sha256sum -- * > SHA256SUMS)
du -sh "$target" | sed 's/\t/ in /'
