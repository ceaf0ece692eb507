#!/bin/sh
# Installs Wardwatch from this bundle on a machine without internet: sh deploy/install.sh FOLDER
#
# With Docker: loads the images, puts compose file, config and scripts into FOLDER, and makes secrets there. What is there
# already (config, secrets, .env) stays as it is, so the same command upgrades.
#
# Without: sh deploy/install.sh --venv FOLDER makes a Python environment of the wheels, with hashes, for `wardwatch run`.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
(cd "$here" && sha256sum --quiet --check SHA256SUMS) || { echo "this bundle is damaged: nothing was installed" >&2; exit 1; }

if [ "${1:-}" = --venv ]; then
    folder=${2:?"usage: sh deploy/install.sh --venv FOLDER"}
    python3 -m venv "$folder"
    pip="$folder/bin/python -m pip --disable-pip-version-check --quiet install --no-index --no-deps"
    $pip --find-links "$here/wheels" --require-hashes -r "$here/requirements/run.txt"
    $pip "$here"/wardwatch-*.whl
    "$folder/bin/wardwatch" version
    exit
fi

folder=${1:?"usage: sh deploy/install.sh FOLDER   or   sh deploy/install.sh --venv FOLDER"}
for archive in "$here"/images/*.tar; do
    docker load --quiet --input "$archive"
done
mkdir -p "$folder"
# Dashboards are made from code: one of the previous version, under another name, would be shown beside the new one.
rm -rf "$folder/grafana/provisioning"
for name in docker-compose.yml .env.example deploy grafana docs; do
    cp -R "$here/$name" "$folder/"
done
if [ -d "$folder/config" ]; then
    echo "$folder/config stays as it is. What differs from the shipped one: diff -ru $folder/config $here/config"
else
    cp -R "$here/config" "$folder/"
fi
cd "$folder"
if command -v python3 >/dev/null; then
    python3 deploy/make_secrets.py secrets
else
    mkdir -p -m 0700 secrets
    docker run --rm -i -u "$(id -u)" -v "$PWD/secrets:/secrets" --network none \
        --entrypoint python "$(cat "$here/images/ours")" - /secrets < deploy/make_secrets.py
fi
echo "installed. Now: cd $folder && docker compose up -d"
