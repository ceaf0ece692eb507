"""Calls of `wardwatch` in tests."""

from pathlib import Path

from click.testing import CliRunner, Result

from app.cli import main

SHIPPED = Path(__file__).parents[2] / "config"
ADDRESSES = dict.fromkeys(("WARDWATCH_MAIL_URL", "WARDWATCH_CHAT_URL", "WARDWATCH_SMS_URL"), "json://127.0.0.1:9")
ADDRESSES["WARDWATCH_LINK_KEY"] = "k" * 32


def call(*words: object, said: str | None = None, **environ: str | None) -> Result:
    """`wardwatch` with these words, and what is `said` when it asks. What it did not expect is raised, not hidden."""
    usual: dict[str, str | None] = {**ADDRESSES, "WARDWATCH_CONFIG": str(SHIPPED)}
    result = CliRunner().invoke(main, [str(word) for word in words], env=usual | environ, input=said)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
