"""Kills a process of ours at a chosen operation, without a process: by an exception that nothing catches."""


class Killed(BaseException):
    """The process was killed here. It is no `Exception`, so that no code of ours catches it and goes on."""


class KillSwitch:
    """Counts the operations of a process on what is outside of it, and kills it at one of them.

    `at` is the number of that operation, the first being 1; with the default of -1 nothing is killed. `count` is how
    many operations there have been.
    """

    def __init__(self, at: int = -1) -> None:
        self.at = at
        self.count = 0

    def operation(self) -> None:
        """Called before each operation. Raises `Killed` at the chosen one."""
        self.count += 1
        if self.count == self.at:
            raise Killed
