"""Opens the notifier of a URL of a channel, with a name for each of its recipients."""

import copy
import logging
import warnings
from typing import Any
from urllib.parse import urlsplit

from alerts.channels.apprise_notifier import AppriseNotifier
from alerts.channels.mail_notifier import MailNotifier
from alerts.channels.sms_gateway import SCHEMES as SMS_SCHEMES
from alerts.channels.sms_notifier import SmsNotifier
from alerts.channels.webhook_notifier import SCHEMES, WebhookNotifier
from alerts.ports.notifier import Notifier
from ward.errors import SettingsError

# Where apprise's services keep their recipients when they have several.
_TARGETS = ("targets", "channels", "topics", "rooms", "phone_nos", "recipients")
_LONGEST_NAME = 60


def open_channel(channel: str, number: int, url: str) -> Notifier:
    """The notifier of a URL, the `number`th of its channel.

    Raises `SettingsError` for a URL it cannot use. The error gives the number of the URL, for a URL holds secrets.
    """
    which, suffix = f"channel {channel}: URL number {number}", f" (URL {number})" if number > 1 else ""
    scheme = url.partition(":")[0]
    if scheme in SCHEMES or scheme in SMS_SCHEMES:
        try:
            return (WebhookNotifier if scheme in SCHEMES else SmsNotifier)(url, which, suffix)
        except ValueError as error:
            raise SettingsError(f"{which} is no URL") from error
    with warnings.catch_warnings():
        # The plug-ins of apprise import modules that Python 3.13 no longer has, and work without them.
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise
        from apprise.plugins.email import NotifyEmail

        _read_log_only_here()
        # No files of apprise's own, no ${…} in a URL, no redirects: a log-in page that answers is no delivery.
        asset = apprise.AppriseAsset(
            app_id="Wardwatch", app_desc="Wardwatch", storage_mode="memory", allow_templates=False,
            http_redirects=False,
        )  # fmt: skip
        service = _service(apprise, asset, which, url)
    if type(service) is NotifyEmail and service.pgp_mode == "no":
        addresses = [address for _, address in service.targets] + sorted(service.cc) + sorted(service.bcc)
        return MailNotifier(service, {address: f"{address}{suffix}" for address in addresses})
    named = {f"{name}{suffix}": each for name, each in _by_recipient(service).items()}
    return AppriseNotifier({name: _alone(apprise, asset, each) for name, each in named.items()})


def _read_log_only_here() -> None:
    """Apprise logs URLs that it cannot read, with the passwords in them, and the answers of services: these are read
    from its log by the notifier, and nothing of it is shown."""
    log = logging.getLogger("apprise")
    log.propagate, log.handlers = False, [logging.NullHandler()]
    log.setLevel(logging.WARNING)


def _service(apprise: Any, asset: Any, which: str, url: str) -> Any:
    service = apprise.Apprise.instantiate(url, asset=asset) if url else None
    if service is None:
        raise SettingsError(f"{which} is not one that apprise knows" if url else f"{which} is missing")
    if service.optional:
        raise SettingsError(f"{which} has optional=yes, so a failure would not be seen")
    service.redirects = False  # also where the URL asks for them
    if service.request_rate_per_sec == apprise.NotifyBase.request_rate_per_sec:
        # The default rate makes twelve messages take a minute, and sleeps for an hour when the clock is set back.
        service.request_rate_per_sec = 0
    return service


def _by_recipient(service: Any) -> dict[str, Any]:
    """A service for each of its recipients, by name: a telephone number, a room, or the host where it has none."""
    kind = str(service.service_name)
    for field in _TARGETS:
        targets = getattr(service, field, None)
        if isinstance(targets, list | tuple) and targets:
            return {f"{kind} {_shown(target)}": _only(service, field, target) for target in targets}
    return {f"{kind} {urlsplit(service.url(privacy=True)).netloc.rpartition('@')[2]}": service}


def _only(service: Any, field: str, target: Any) -> Any:
    alone = copy.copy(service)
    setattr(alone, field, type(getattr(service, field))([target]))
    return alone


def _shown(target: Any) -> str:
    """The name of a recipient; of a long one, which may be a secret, the beginning."""
    text = " ".join(str(part) for part in target if part) if isinstance(target, tuple | list) else str(target)
    return text if len(text) <= _LONGEST_NAME and (len(text) <= 24 or "@" in text) else f"{text[:6]}…"


def _alone(apprise: Any, asset: Any, service: Any) -> Any:
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    return sender
