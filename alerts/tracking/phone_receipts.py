"""What became of messages at phones, with the alerts that they are about."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from alerts.model.delivery_result import Outcome
from alerts.model.now import Now
from alerts.model.receipt import Receipt
from alerts.model.state_changes import ChannelRecipient
from alerts.model.tracked_alert import TrackedAlert
from alerts.tracking.alert_state import AlertState
from ward.alert import PhoneReceipt, ReceiptState


def note_receipts(
    receipts: Iterable[Receipt], recipients: Iterable[ChannelRecipient], state: AlertState, now: Now
) -> bool:
    """Each open alert with the last receipt of each phone; `receipts` are those with a state, the oldest message first.

    A channel none of whose recipients has its last message has reached nobody with an alert that one of its phones does
    not have. Returns whether any alert changed.
    """
    by_alert: dict[str, dict[tuple[str, str], Receipt]] = defaultdict(dict)
    for receipt in receipts:
        for id_ in receipt.alerts.split():
            by_alert[id_][receipt.channel, receipt.recipient] = receipt
    reached = {recipient.channel for recipient in recipients if recipient.outcome in ("", Outcome.DELIVERED)}
    changed = False
    for id_, found in by_alert.items():
        tracked = state.alerts.get(id_)
        if tracked is not None:
            after = _noted(tracked, list(found.values()), reached, now)
            changed |= after != tracked
            state.put(after)
    return changed


def _noted(tracked: TrackedAlert, receipts: Sequence[Receipt], reached: set[str], now: Now) -> TrackedAlert:
    found = [
        PhoneReceipt(
            channel=each.channel, recipient=each.recipient, state=ReceiptState(each.state), at=each.at,
            reply=each.reply,
        )
        for each in receipts
    ]  # fmt: skip
    # Those that are not on file any more stay with the alert.
    by_phone = {(phone.channel, phone.recipient): phone for phone in (*tracked.alert.receipts, *found)}
    phones = tuple(by_phone.values())
    if phones == tracked.alert.receipts:
        return tracked
    new = [phone for phone in phones if phone not in tracked.alert.receipts]
    lost = any(phone.state is not ReceiptState.DELIVERED and phone.channel not in reached for phone in new)
    after = tracked.with_alert(receipts=phones, updated_at=now.wall)
    return replace(after, unreached_at=now.steady) if lost else after
