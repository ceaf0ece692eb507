"""The web notifies people once when `alerts` does no work, and once when it works again."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from app.runtime.alerts_watch import NOTIFIED, AlertsWatch
from app.runtime.direct_message import DirectMessage
from tests.alerts.targets import smtp
from tests.web.scene import Scene
from ward.clock import Clock, SystemClock
from ward.config.alerting import Alerting
from ward.metrics import Metrics

DOWN, BACK = "HIGH priority, Wardwatch raises no alerts: watch patients at the bedside", "Wardwatch raises alerts again"
ALERTING = Alerting.model_validate(
    {
        "channels": [
            {"name": "mail", "urls": ["json://127.0.0.1:9/mail"]}, {"name": "sms", "urls": ["json://127.0.0.1:9/sms"]}
        ],
        "receivers": [{"name": "nurses", "channels": ["sms"]}, {"name": "technicians", "channels": ["mail"]}],
        "route": {"receiver": "nurses", "routes": [{"matchers": ["kind=technical"], "receiver": "technicians"}]},
    }
)  # fmt: skip


class Web:
    """One instance of `web` on a ward: its watch and its heartbeats. `sent` are the subjects of its messages."""

    undelivered: Mapping[str, str] = {}

    def __init__(self, scene: Scene, instance: str) -> None:
        self.scene, self.instance, self.metrics = scene, instance, Metrics()
        self.sent: list[str] = []
        self.texts: list[str] = []
        self.urls: list[Mapping[str, str]] = []
        self.watch = AlertsWatch(
            scene.model, scene.live, scene.clock, self.metrics, instance, message=self._message
        )  # fmt: skip

    def _message(self, urls: Mapping[str, str], subject: str, text: str, clock: Clock) -> DirectMessage:
        self.sent.append(subject)
        self.texts.append(text)
        self.urls.append(urls)
        return DirectMessage(self.undelivered, subject, text, clock)

    def heartbeat(self) -> None:
        self.scene.health("web", instance=self.instance, numbers={NOTIFIED: self.metrics.samples().get(NOTIFIED, 0.0)})


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    scene.live.config = scene.live.config.__class__(
        **{**{f: getattr(scene.live.config, f) for f in scene.live.config.__dataclass_fields__}, "alerting": ALERTING}
    )
    yield scene
    scene.close()


def run(scene: Scene, seconds: int, *webs: Web, alerts: bool = True, problem: str = "") -> None:
    """Seconds in which `alerts` is up or not; all programs send a heartbeat each five."""
    for second in range(seconds):
        if second % 5 == 0:
            for web in webs:
                web.heartbeat()
            if alerts:
                scene.health("alerts", problem=[problem] if problem else [])
        scene.tick()
        for web in webs:
            web.watch.step(0)


@pytest.mark.guarantee("When alerts is dead, the web notifies people once, and once more when it works again.")
def test_people_are_notified_once_and_once_that_it_is_over(scene: Scene) -> None:
    web = Web(scene, "web-1")
    run(scene, 60, web)
    assert web.sent == []
    run(scene, 35, web, alerts=False)
    assert web.sent == [], "not in the first 30 s after 15 s without a heartbeat"
    run(scene, 600, web, alerts=False)
    assert web.sent == [DOWN]
    assert web.urls[0] == {"mail, address 1": "json://127.0.0.1:9/mail"}, "as the alert program-silent would go"
    assert "alerts: no heartbeat for 45 s, so no new alert is shown or sent" in web.texts[0]
    run(scene, 20, web)
    assert web.sent == [DOWN]
    run(scene, 60, web)
    assert web.sent == [DOWN, BACK]
    run(scene, 60, web, alerts=False)
    assert web.sent == [DOWN, BACK, DOWN], "another outage"


def test_a_restart_of_alerts_is_not_notified(scene: Scene) -> None:
    web = Web(scene, "web-1")
    run(scene, 20, web)
    run(scene, 35, web, alerts=False)
    run(scene, 60, web)
    assert web.sent == []


def test_alerts_that_hangs_or_fails_counts_as_down(scene: Scene) -> None:
    web = Web(scene, "web-1")
    run(scene, 20, web)
    run(scene, 60, web, problem="alerts: has not finished a step for 75 s")
    assert web.sent == [DOWN]


def test_of_two_webs_one_notifies(scene: Scene) -> None:
    one, two = Web(scene, "web-1"), Web(scene, "web-2")
    run(scene, 20, one, two)
    run(scene, 300, one, two, alerts=False)
    assert one.sent + two.sent == [DOWN]
    run(scene, 100, one, two)
    assert one.sent + two.sent == [DOWN, BACK]


def test_a_web_that_is_replaced_meanwhile_does_not_notify_again_and_its_successor_says_the_end(scene: Scene) -> None:
    first = Web(scene, "web-1")
    run(scene, 20, first)
    run(scene, 120, first, alerts=False)
    assert first.sent == [DOWN]
    second = Web(scene, "web-2")
    run(scene, 300, second, alerts=False)
    assert second.sent == []
    run(scene, 60, second)
    assert second.sent == [BACK]
    third = Web(scene, "web-3")
    run(scene, 200, third)
    assert third.sent == []


def test_while_the_log_does_not_answer_nothing_is_concluded(scene: Scene) -> None:
    web = Web(scene, "web-1")
    run(scene, 20, web)
    for _ in range(300):
        scene.clock.advance(1)
        scene.model.set_problem("log", "away")
        web.watch.step(0)
    scene.model.clear_problem("log")
    web.watch.step(0)
    assert web.sent == []


def accepts(url: str, subject: str, text: str) -> bool:
    """Writes what it gets into the file that the URL names."""
    Path(url).write_text(f"{subject}\n{text}", encoding="utf-8")
    return True


def test_a_message_is_sent_at_each_address_by_itself_until_it_is_accepted(tmp_path: Path) -> None:
    clock = SystemClock()
    sent = DirectMessage(
        {"a": str(tmp_path / "a"), "b": str(tmp_path / "no" / "folder")}, "subject", "text", clock, accepts
    )
    while "a" in sent.waiting:
        sent.step()
        clock.wait(0.02)
    assert (tmp_path / "a").read_text(encoding="utf-8") == "subject\ntext"
    assert list(sent.waiting) == ["b"]
    sent.close()


class UndeliveredWeb(Web):
    """One whose message no address accepts."""

    undelivered: Mapping[str, str] = {"mail": "x"}

    def _message(self, urls: Mapping[str, str], subject: str, text: str, clock: Clock) -> DirectMessage:
        message = super()._message(urls, subject, text, clock)
        message.step = lambda: None  # type: ignore[method-assign]
        return message

    def heartbeat(self) -> None:
        number = self.metrics.samples().get(NOTIFIED, 0.0)
        problem = self.watch.problem()
        problems = [problem] if problem else []
        self.scene.health("web", instance=self.instance, numbers={NOTIFIED: number}, problem=problems)


def test_the_successor_of_a_web_whose_message_nobody_has_sends_it(scene: Scene) -> None:
    first = UndeliveredWeb(scene, "web-1")
    run(scene, 20, first)
    run(scene, 65, first, alerts=False)
    assert first.sent == [DOWN]
    second = Web(scene, "web-2")  # the first is gone with its message
    run(scene, 600, second, alerts=False)
    assert second.sent == [DOWN]


def test_a_recipient_that_refuses_costs_the_others_no_second_mail() -> None:
    clock = SystemClock()
    with smtp() as mails:
        mails.replies["gone@ward.test"] = "550 5.1.1 no such user"
        both = mails.url_to("nurse@ward.test", "gone@ward.test")
        sent = DirectMessage({"mail": both}, "subject", "text", clock)
        end = clock.monotonic() + 60
        while sent.waiting and len(mails.received_by("nurse@ward.test")) < 2 and clock.monotonic() < end:
            sent.step()
            clock.wait(0.02)
        sent.close()
        assert len(mails.received_by("nurse@ward.test")) == 1
    assert sent.reached


def test_a_dead_alerts_program_is_reported_to_who_is_on_call(scene: Scene) -> None:
    settings = {
        "channels": [{"name": name, "urls": [f"json://127.0.0.1:9/{name}"]} for name in ("ada", "ben", "other")],
        "people": [{"name": "ada", "channels": ["ada"]}, {"name": "ben", "channels": ["ben"]}],
        "schedules": [
            {
                "name": "technicians",
                "shifts": [
                    {"people": ["ada"], "from": "07:00", "until": "16:00"},
                    {"people": ["ben"], "from": "16:00", "until": "07:00"},
                ],
            }
        ],
        "receivers": [{"name": "technicians", "channels": ["other"], "schedule": "technicians"}],
        "route": {"receiver": "technicians"},
    }
    object.__setattr__(scene.live.config, "alerting", Alerting.model_validate(settings))
    web = Web(scene, "a")
    run(scene, 10, web)

    run(scene, 60, web, alerts=False)

    assert [list(urls) for urls in web.urls] == [["ben, address 1"]]
