"""What ends with a process, and what one that was killed has left behind.

Temporary files of a run lie in a folder that names machine and process, so that the next run can
tell what nobody uses any more.
"""

from __future__ import annotations

import ctypes
import errno
import glob
import os
import platform
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORK = ".work"
"""The folder, in a folder of derived files, of what is there only while something runs."""

FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
"""What the system says of a disk that is full: no file that is read is to blame."""


def die_with_parent() -> None:
    """Has this process killed when the one that started it dies, however it dies (Linux)."""
    if sys.platform == "linux":
        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether a process of this machine still runs; where that cannot be asked, it does."""
    if os.name == "nt":  # There the question would end it.
        return True
    try:
        os.kill(pid, 0)
        # One that has ended, and whose parent has not asked how, has a name still.
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text("ascii", "ignore")
    except ProcessLookupError:
        return False
    except OSError:
        return True


def own_name(ending: object) -> str:
    """A name that says whose file or folder it is: `MACHINE-PID-ENDING`."""
    return f"{platform.node()}-{os.getpid()}-{ending}"


def sweep(work: Path, ending: str = "") -> None:
    """Removes what processes of this machine left in a folder (`own_name`) that are no more.

    Args:
        work: the folder.
        ending: only files of this ending, as `own_name` was given it; all where it is empty.

    Other machines may share the folder; of their processes nothing can be told.
    """
    here = platform.node()
    names = f"{glob.escape(here)}-*-{glob.escape(ending) or '*'}"
    for path in [*work.glob(names), *work.glob(f".{names}")]:
        pid = path.name.removeprefix(".").removeprefix(f"{here}-").split("-")[0]
        if not pid.isdigit() or is_alive(int(pid)):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def scratch(work: Path) -> Iterator[Path]:
    """A folder of this process below `work`, for its temporary files too, until the block ends.

    A library that makes a temporary file is not asked where; so it goes with the others if this
    process is killed.
    """
    import tempfile  # which commands with nothing to do would wait for

    folder = work / own_name(time.monotonic_ns())
    folder.mkdir(parents=True)
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before[0]
        os.environ.pop("TMPDIR", None)
        os.environ.update({} if before[1] is None else {"TMPDIR": before[1]})
        shutil.rmtree(folder, ignore_errors=True)
