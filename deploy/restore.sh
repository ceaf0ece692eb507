#!/bin/sh
# Restores a backup of deploy/backup.sh: deploy/restore.sh FOLDER
#
# Existing data are removed first: where there are any, --yes is required. Config and secrets that differ are
# moved aside, not overwritten. Run it where docker-compose.yml is; COMPOSE as for the backup.
set -eu
umask 077
source=${1:?"usage: deploy/restore.sh FOLDER [--yes]"}
compose=${COMPOSE:-docker compose}
docker compose version >/dev/null 2>&1 || compose=${COMPOSE:-docker-compose}
source=$(cd "$source" && pwd)
(cd "$source" && sha256sum --quiet --check SHA256SUMS) || { echo "$source is damaged: nothing was changed" >&2; exit 1; }
if [ -n "$($compose ps -q)" ] && [ "${2:-}" != --yes ]; then
    echo "there are data of a ward here, and they would be removed: add --yes to remove them" >&2
    exit 1
fi
began=$(date +%s)

# A folder from its archive; what was there stays beside it.
put_back() {
    archive=$source/$1.tar folder=$2
    if [ -d "$folder" ] && [ -n "$(ls -A "$folder")" ] && ! tar -C "$folder" --compare -f "$archive" >/dev/null 2>&1; then
        mv "$folder" "$folder.before-$(date +%Y%m%d-%H%M%S)"
    fi
    mkdir -p "$folder"
    tar -C "$folder" -xpf "$archive"
}

$compose down --volumes --timeout 20 >/dev/null 2>&1
put_back config "${CONFIG_DIR:-./config}"
put_back secrets "${SECRETS_DIR:-./secrets}"
[ ! -f "$source/env" ] || [ -f .env ] || cp "$source/env" .env
# A container that is created but not started has the image, and the project name that compose gives to volumes.
$compose up --no-start --no-deps alerts >/dev/null 2>&1
created=$($compose ps -aq alerts 2>/dev/null || $compose ps -q alerts)
image=$(docker inspect -f '{{.Image}}' "$created")
project=$(docker inspect -f '{{index .Config.Labels "com.docker.compose.project"}}' "$created")
for archive in "$source"/*.tar; do
    name=$(basename "$archive" .tar)
    case $name in config | secrets) continue ;; esac
    docker volume create --label "com.docker.compose.project=$project" --label "com.docker.compose.volume=$name" \
        "${project}_$name" >/dev/null
    docker run --rm -i --network none --user 0:0 -v "${project}_$name:/to" --entrypoint tar "$image" \
        -C /to --numeric-owner -xpf - < "$archive"
done
$compose up -d
echo "restored in $(($(date +%s) - began)) s; docker compose ps shows when all services are healthy"
