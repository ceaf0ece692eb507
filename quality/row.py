"""One line of the table of quality."""

from dataclasses import dataclass

# What stands in the place of our figure where the data are absent.
NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Row:
    """A figure of ours beside what was wanted and what others published.

    `part` is the group of lines it stands in, `what` the figure, `met` whether it reaches what was wanted, and None
    where nothing was; `note` says how it was measured, or why it falls short.
    """

    part: str
    what: str
    ours: str
    wanted: str
    published: str
    met: bool | None
    note: str = ""
