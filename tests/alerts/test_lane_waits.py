"""A lane that can begin nothing waits: it does not ask again and again."""

from pathlib import Path

from alerts.model.state_changes import StateChanges
from tests.alerts.senders_on_file import SendersOnFile, entry, senders_on_file
from tests.alerts.targets import web
from tests.engines.engine import free_port


def waits(running: SendersOnFile) -> bool:
    """Whether the lane of the nurses has something to wait for, long after each pause has passed."""
    running.until_idle()
    running.clock.advance(100)
    running.senders.step(0)
    running.until_idle()
    return running.senders.lanes["nurse", 1].seconds_left() > 0


def test_a_repeat_that_replaced_a_failed_message_leaves_no_retry_that_is_due(tmp_path: Path) -> None:
    with web(500) as posts, senders_on_file(tmp_path, entry(1, repeat=True), nurse=[posts.url]) as running:
        running.until_failed("key1/nurse", 1)
        running.file.write(StateChanges(outbox=[entry(2, repeat=True, group="g1")]))
        running.until_done("key2/nurse")
        assert waits(running)


def test_a_service_that_does_not_answer_is_not_tried_while_nothing_waits(tmp_path: Path) -> None:
    closed = f"json://127.0.0.1:{free_port()}/hook"
    with senders_on_file(tmp_path, entry(1), nurse=[closed]) as running:
        running.until_failed("key1/nurse", 1)
        running.file.withdraw(["nurse"], "acknowledged")
        assert waits(running)
