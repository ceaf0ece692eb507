"""Any text as the value of a tag: stores cannot keep a backslash in one."""

_BACKSLASH, _PERCENT = "%5C", "%25"


def tag_text(text: str) -> str:
    r"""The text as a tag: `%5C` for a backslash. A text with that, or with what reads like it, has `%25` for `%`.

    >>> tag_text("90 % of C:"), tag_text(r"90 % of C:\data")
    ('90 % of C:', '90 %25 of C:%5Cdata')
    """
    if "\\" not in text and _BACKSLASH not in text and _PERCENT not in text:
        return text
    return text.replace("%", _PERCENT).replace("\\", _BACKSLASH)


def text_of_tag(tag: str) -> str:
    r"""The text that `tag_text` wrote.

    >>> text_of_tag("90 %25 of C:%5Cdata") == r"90 % of C:\data"
    True
    """
    return tag.replace(_BACKSLASH, "\\").replace(_PERCENT, "%")
