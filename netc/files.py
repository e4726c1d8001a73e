"""Files of labs: read with an end, whatever they are, and written whole or not at all."""

from __future__ import annotations

import errno
import shutil
import stat
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES = 16 * 2**20  # of a file; a larger one is no lab, and /dev/zero has no end


def read_text(file: IO[bytes]) -> str:
    """Return the text of an open file; raises OSError if it is too large, UnicodeDecodeError if it is no UTF-8."""
    data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {_MOST_BYTES // 2**20} MiB")
    return data.decode("utf-8")


def read_included(path: Path) -> str:
    """Return the text of an included file; raises as `read_text`. What is no file could keep netc waiting for ever."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no file" if not path.is_dir() else "it is a folder")
    with path.open("rb") as file:
        return read_text(file)


def overwrite(path: Path, text: str) -> None:
    """Put a text into a file, whole or not at all; raises OSError."""
    whole = path.resolve()
    if not whole.is_file():
        raise OSError(errno.EINVAL, "it is no file")
    with whole.open("ab"):
        pass  # only to see that it may be written
    beside = whole.with_name(f".{whole.name}.netc")
    try:
        beside.write_bytes(text.encode())
        shutil.copymode(whole, beside)
        beside.replace(whole)
    finally:
        beside.unlink(missing_ok=True)
