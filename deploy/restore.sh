#!/bin/sh
# Puts back what deploy/backup.sh has kept: deploy/restore.sh FOLDER
#
# What is there now is removed first, so it asks for --yes where there is something. Config and secrets that differ are
# moved aside, not overwritten. Run it where docker-compose.yml is; COMPOSE as for the backup.
set -eu
umask 077
source=${1:?"usage: deploy/restore.sh FOLDER [--yes]"}
compose=${COMPOSE:-docker compose}
docker compose version >/dev/null 2>&1 || compose=${COMPOSE:-docker-compose}
source=$(cd "$source" && pwd)
(cd "$source" && sha256sum --quiet --check SHA256SUMS) || { echo "$source is damaged: nothing was changed" >&2; exit 1; }
if [ -n "$($compose ps -q)" ] && [ "${2:-}" != --yes ]; then
    echo "there is a ward here: its data would be removed. Add --yes to do so." >&2
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
# One container, not started, tells the image, and under which name compose keeps volumes here.
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
echo "restored in $(($(date +%s) - began)) s; docker compose ps tells when all are healthy"
