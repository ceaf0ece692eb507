r"""Makes the secrets that docker-compose.yml needs: `python3 deploy/make_secrets.py [DIR] [--device ID …]`.

What is there already stays as it is. Addresses of channels are made as empty files: fill them in. Needs Python 3.8 and
nothing else, so that it also runs where only the image's Python is:

    docker run --rm -i -u "$(id -u)" -v "$PWD/secrets:/secrets" \
        --entrypoint python IMAGE - /secrets < deploy/make_secrets.py

The folder is its owner's alone (0700), the files in it may be read by all (0444): a container sees single files of it,
under a user of its own.
"""

import argparse
import base64
import hashlib
import os
import re
import secrets
import sys
from pathlib import Path

MADE = (
    "mqtt_health",
    "mqtt_bridge",
    "mqtt_devices",
    "influx_admin_password",
    "influx_admin_token",
    "grafana_admin_password",
    "grafana_sender_password",
    "link_key",
)
ADDRESSES = ("mail_url", "chat_url", "sms_url", "grafana_smtp_password", "previous_link_key")
# Grafana does not start without an address for its webhook: the discard port (9), until an address is set.
PREPARED = {"grafana_chat_url": "http://127.0.0.1:9/"}
USERS = {"health": "mqtt_health", "bridge": "mqtt_bridge", "devices": "mqtt_devices"}
_ROUNDS = 101  # Mosquitto's own: these are long random passwords, which nobody guesses
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def mosquitto_hash(password: str) -> str:
    """A password as Mosquitto 2 keeps it: PBKDF2 with SHA-512."""
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return "$7${}${}${}".format(_ROUNDS, *(base64.b64encode(part).decode() for part in (salt, digest)))


def write(path: Path, text: str) -> None:
    """Write a file completely or not at all; every user that may enter the folder may read it."""
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o444)
    new.replace(path)


def make(folder: Path) -> list[str]:
    """Make the secrets that are missing. Returns their names."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [name for name in (*MADE, *ADDRESSES, *PREPARED) if not (folder / name).exists()]
    for name in missing:
        write(folder / name, PREPARED.get(name, "" if name in ADDRESSES else secrets.token_urlsafe(32)))
    known = users(folder)
    if lacking := [user for user in USERS if user not in known]:
        add(folder, {user: (folder / USERS[user]).read_text(encoding="utf-8") for user in lacking})
        missing.append("mqtt_users")
    return missing


def users(folder: Path) -> dict[str, str]:
    """The broker's users, each with the hash of its password."""
    path = folder / "mqtt_users"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(line.split(":", 1) for line in lines if ":" in line)


def add(folder: Path, passwords: dict[str, str]) -> None:
    """Add users to the broker's file, which stays the same file for containers that have it mounted."""
    known = {**users(folder), **{user: mosquitto_hash(password) for user, password in passwords.items()}}
    path, text = folder / "mqtt_users", "".join(f"{user}:{hashed}\n" for user, hashed in known.items())
    if not path.exists():
        write(path, text)
        return
    path.chmod(0o644)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o444)


def devices(folder: Path, ids: list[str]) -> int:
    """Give devices a name and a password of their own, and print them, once."""
    known = users(folder)
    wrong = [id_ for id_ in ids if not _ID.fullmatch(id_) or id_ in USERS]
    if wrong:
        sys.stderr.write(f"no id of a device: {', '.join(map(repr, wrong))}\n")
        return 1
    passwords = {id_: secrets.token_urlsafe(24) for id_ in ids if id_ not in known}
    add(folder, passwords)
    for id_ in ids:
        sys.stdout.write(f"{id_} {passwords.get(id_, '(has one already)')}\n")
    if passwords:
        sys.stderr.write("now: docker compose kill -s HUP mosquitto\n")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("secrets"))
    parser.add_argument("--device", action="append", default=[], metavar="ID", help="a device that gets a password")
    given = parser.parse_args()
    made = make(given.folder)
    sys.stderr.write(f"{given.folder}: made {', '.join(made)}\n" if made else f"{given.folder}: nothing was missing\n")
    return devices(given.folder, given.device)


if __name__ == "__main__":
    sys.exit(main())
