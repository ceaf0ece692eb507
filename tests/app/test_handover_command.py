"""`wardwatch handover`, against a real screen and a real pipeline."""

import json
from contextlib import closing
from pathlib import Path

from alerts.storage.outbox_file import OutboxFile
from tests.app.calling import call
from tests.app.live_ward import LiveWard


def test_a_handover_is_shown_as_its_mail_and_as_json(running: LiveWard) -> None:
    running.finds("hypoxia", "icu-3")
    shown = call("handover", "show", "--ward", "icu", "--url", running.url)

    assert shown.exit_code == 0
    assert shown.stdout.startswith("Handover Intensive care (icu)\n")
    assert "=== ICU bed 3, no patient ===" in shown.stdout
    found = call("handover", "show", "--ward", "icu", "--shift", "current", "--format", "json", "--url", running.url)
    assert json.loads(found.stdout)["open"] == 1


def test_a_mailed_handover_waits_in_the_outbox_of_its_receivers_once(tmp_path: Path) -> None:
    with LiveWard(tmp_path, handover={"receivers": ["nurses"]}) as ward:
        for _ in range(2):
            sent = call("handover", "mail", "--ward", "icu", "--by", "Nurse Ada", "--url", ward.url)
            assert sent.stdout.startswith("Mail with the handover of Intensive care to nurses is asked for: ")
        ward.settle()
        with closing(OutboxFile.in_folder(tmp_path, durable=False)) as outbox:
            waiting = list(outbox.waiting("nurse"))

    assert [entry.message.subject.split(",")[0] for entry in waiting] == ["Handover Intensive care"]
    assert waiting[0].message.body.startswith("Handover Intensive care (icu)\n")


def test_an_unknown_ward_and_a_missing_receiver_are_refused_in_a_sentence(running: LiveWard) -> None:
    unknown = call("handover", "show", "--ward", "attic", "--url", running.url)
    nobody = call("handover", "mail", "--ward", "icu", "--by", "Ada", "--url", running.url)

    assert (unknown.exit_code, nobody.exit_code) == (1, 1)
    assert "There is no ward 'attic'" in unknown.stderr
    assert "Nobody gets handovers by mail" in nobody.stderr
