"""What the sender of posted alerts is trusted with, by HTTP basic authentication."""

import base64
import binascii
import logging
import secrets
from collections.abc import Collection, Sequence

from ward.config.alerting import Power, TrustedSender
from ward.ids import printable

log = logging.getLogger(__name__)


def powers(authorization: str, senders: Sequence[TrustedSender]) -> Collection[Power]:
    """What the config trusts the sender of this `Authorization` header with; nothing without a valid password.

    With an invalid one its alerts are accepted, as those of anybody: losing them could lose a patient's alert.
    """
    name, password = _credentials(authorization)
    for sender in senders:
        wanted = sender.password.get_secret_value()
        if sender.name == name and wanted and secrets.compare_digest(wanted.encode(), password.encode()):
            return sender.may
    if authorization:
        log.warning("alerts of %r: not a sender of trusted_senders, or a wrong password", printable(name, 64))
    return ()


def _credentials(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        text = base64.b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        return "", ""
    name, _, password = text.partition(":")
    return name, password
