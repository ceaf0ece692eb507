"""Reads files that people and other programs write: never a pipe or a device, which could block for ever."""

import errno
import fcntl
import os
import signal
import stat
from pathlib import Path


def read_regular_file(path: Path, most: int) -> bytes:
    """The first `most` bytes of a regular file, also through symbolic links.

    Raises `OSError`: the file cannot be opened or read, or it is a pipe, a socket, a device or a folder (`EINVAL`). A
    hung network disk blocks: see `ward/config/disk_reader.py`.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "is not a regular file", path.as_posix())
        with os.fdopen(os.dup(handle), "rb") as stream:
            return stream.read(most)
    finally:
        os.close(handle)


def is_open_for_writing(path: Path) -> bool:
    """Whether a program has the file open for writing at this instant; False where the system cannot know.

    Linux grants a read lease only while nobody has the file open for writing. It grants none to a user who does not own
    the file, and network file systems may have none. Whoever opens the file during the lease waits for its end, and the
    holder gets a signal: SIGURG, which is ignored, instead of SIGIO, which would end the process.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno in (errno.EAGAIN, errno.EBUSY)
    except AttributeError:  # not on Linux
        return False
    finally:
        os.close(handle)
    return False
