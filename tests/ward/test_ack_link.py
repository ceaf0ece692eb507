"""Signed links that acknowledge an alert."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.examples import examples
from ward.ack_link import LONGEST_TOKEN, AckLink, InvalidLink, signed, verified
from ward.clock import SECOND

KEY, OLD = "k" * 32, "o" * 32
LINK = AckLink("3f9a51c7e0d24b68", "chat", 1_764_000_000 * SECOND)


@settings(max_examples=examples(50, 500), deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=40), st.text(st.characters(codec="utf-8"), max_size=40))
def test_a_link_is_read_as_it_was_signed_whatever_its_names_hold(alert: str, channel: str) -> None:
    link = AckLink(alert, channel, LINK.expires)
    token = signed(link, KEY)
    if len(token) <= LONGEST_TOKEN:
        assert verified(token, [KEY]) == link


def test_a_token_is_short_and_needs_no_quoting() -> None:
    token = signed(LINK, KEY)
    assert len(token) < 60
    assert set(token) <= set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.~")


def test_after_a_change_of_keys_links_of_the_previous_one_are_still_accepted() -> None:
    token = signed(LINK, OLD)
    assert verified(token, [KEY, OLD]) == LINK
    with pytest.raises(InvalidLink):
        verified(token, [KEY])
    with pytest.raises(InvalidLink):
        verified(token, [])


@pytest.mark.guarantee("A link that acknowledges an alert is refused if any character of it was changed.")
def test_a_token_with_any_character_changed_is_refused() -> None:
    token = signed(LINK, KEY)
    for n, character in enumerate(token):
        for other in "a0._~é":
            if other != character:
                with pytest.raises(InvalidLink):
                    verified(token[:n] + other + token[n + 1 :], [KEY])


@pytest.mark.parametrize("token", ["", ".", "...", "a.b.c.d", "x" * 5000, "\ud800.1.a.b", "%00.1.a.b", "~~~.zz.a.b"])
def test_other_text_is_refused(token: str) -> None:
    with pytest.raises(InvalidLink):
        verified(token, [KEY])
