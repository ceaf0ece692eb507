"""A notifier by an SMS gateway, and the question what became of a message that the gateway accepted."""

from collections.abc import Collection, Iterator

from alerts.channels.bounded_http import HttpAnswer, exchange
from alerts.channels.http_outcome import outcome_of
from alerts.channels.sms_gateway import SCHEMES, SmsGateway, parse_gateway
from alerts.channels.text import in_body, in_subject
from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome
from alerts.model.receipt import ReceiptAnswer
from ward.alert import ReceiptState
from ward.errors import SettingsError
from ward.ids import digest, printable

SEND_SECONDS, ASK_SECONDS = 6.0, 4.0
LONGEST_TEXT = 1000  # of a text without `max_characters`: seven SMS


class SmsNotifier:
    """The numbers of a gateway. Raises `SettingsError` for an address it cannot use."""

    def __init__(self, url: str, which: str, suffix: str = "", seconds: float = SEND_SECONDS) -> None:
        self._gateway = parse_gateway(url, which)
        self._numbers = {f"SMS {number}{suffix}": number for number in self._gateway.numbers}
        self._seconds = seconds

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(self._numbers)

    def send(self, message: ChannelMessage, recipients: Collection[str]) -> Iterator[tuple[str, DeliveryResult]]:
        text = f"{in_subject(message.subject)}\r\n{in_body(message.body, message.key)}"[:LONGEST_TEXT]
        for name in recipients:
            number = self._numbers[name]
            request = self._gateway.request(number, text, digest(message.key, number))
            yield name, _result(self._gateway, exchange(request, self._seconds))

    def close(self) -> None:
        """There is none to close: each request has a connection of its own."""


def ask_receipt(url: str, reference: str, seconds: float = ASK_SECONDS) -> ReceiptAnswer | None:
    """What the gateway at a URL says about a message. None where the message was not sent by this gateway."""
    if url.partition(":")[0] not in SCHEMES:
        return None
    try:
        gateway = parse_gateway(url, "the gateway")
    except (SettingsError, ValueError):
        return None
    host, _, id_ = reference.partition(" ")
    if host != gateway.base or not gateway.status:
        return None
    answer = exchange(gateway.status_request(id_), seconds)
    if answer.problem or not 200 <= answer.code < 300:
        busy = not answer.code or outcome_of(answer.code) is not Outcome.REFUSED
        return ReceiptAnswer(None, answer.problem or f"the gateway answered {answer.code}", answered=not busy)
    return _receipt(gateway, id_, answer)


def _receipt(gateway: SmsGateway, id_: str, answer: HttpAnswer) -> ReceiptAnswer:
    body = answer.json()
    word = gateway.state_in(body)
    if not word:
        return ReceiptAnswer(None, "the gateway's answer has no status")
    if gateway.id_in(body) not in ("", id_):
        return ReceiptAnswer(None, "the gateway's answer is about another message")
    shown = printable(word, 60)
    if gateway.means("delivered", word):
        return ReceiptAnswer(ReceiptState.DELIVERED, shown)
    return ReceiptAnswer(ReceiptState.FAILED if gateway.means("failed", word) else None, shown)


def _result(gateway: SmsGateway, answer: HttpAnswer) -> DeliveryResult:
    """What an answer to a text means. A page of a proxy that answers 200 is no delivery: a gateway with receipts names
    its id. Without one the text may have been sent all the same, so it is tried as seldom as a refused one."""
    if not answer.code:
        return DeliveryResult(Outcome.NO_ANSWER, answer.problem)
    if not 200 <= answer.code < 300:
        where = ", a redirect, which is not followed" if 300 <= answer.code < 400 else ""
        return DeliveryResult(outcome_of(answer.code), f"answered {answer.code}{where}")
    if not gateway.status:
        return DeliveryResult(Outcome.DELIVERED)
    id_ = gateway.id_in(answer.json())
    if not id_:
        return DeliveryResult(Outcome.REFUSED, answer.problem or f"answered {answer.code} without an id of the message")
    return DeliveryResult(Outcome.DELIVERED, reference=f"{gateway.base} {id_}")
