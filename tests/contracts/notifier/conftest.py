"""One real receiver of each kind on loopback: a mail server and a web server that keep what arrives byte by byte."""

from collections.abc import Iterator

import pytest

from tests.contracts.notifier.receivers import Receiver, Smtp, Web


@pytest.fixture(params=["mail", "web"])
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    made: Receiver = Smtp() if request.param == "mail" else Web()
    yield made
    made.close()
