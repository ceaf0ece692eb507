"""The error of a calendar that cannot be used as a whole."""


class UnreadableCalendar(Exception):
    """Raised for a file that is no calendar, is cut off, or is too large; `words` say what is wrong in `line`."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(f"line {line}: {words}")
        self.line, self.words = line, words
