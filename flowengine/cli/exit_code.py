"""What the command's exit code tells a script."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every ``flowengine`` command.

    Attributes:
        OK: Done.
        PROBLEMS: Done, and something was found: a problem in a flow, a test that failed, a message that did not arrive.
        MISTAKE: Not done: the command, its arguments or the environment are wrong; the sentence says what to do.
        INTERRUPTED: Stopped from the keyboard.
    """

    OK = 0
    PROBLEMS = 1
    MISTAKE = 2
    INTERRUPTED = 130
