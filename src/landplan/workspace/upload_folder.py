"""The folder of one upload: its files, and what was found out about them as JSON beside them."""

import json
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import IO, Any, Final

from landplan.errors import InputError
from landplan.workspace.upload_limits import MEBI, UploadLimits

_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
_CHUNK: Final = 1 << 18
FILES: Final = "files"
UPLOAD, DRAFT, CHECK = "upload", "draft", "check"


class UploadFolder:
    """One upload; raises InputError ``workspace.no_upload`` where there is none of this token."""

    def __init__(self, home: Path, token: str) -> None:
        self.path = home / token
        if not _TOKEN.fullmatch(token) or not self.path.is_dir():
            raise InputError("workspace.no_upload")

    @staticmethod
    def make(home: Path) -> str:
        """Make a folder that nobody can guess and return its token."""
        token = secrets.token_hex(16)
        (home / token / FILES).mkdir(parents=True, mode=0o700)
        return token

    @property
    def files(self) -> Path:
        """Where the files lie."""
        return self.path / FILES

    def read(self, name: str) -> dict[str, Any] | None:
        """Return what was noted under a name, or None."""
        try:
            found = json.loads((self.path / f"{name}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return found if isinstance(found, dict) else None

    def note(self, name: str, known: dict[str, Any]) -> None:
        """Keep something under a name; whoever reads it meanwhile sees the old or the new."""
        draft = self.path / f".{name}.{secrets.token_hex(4)}"
        draft.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        draft.replace(self.path / f"{name}.json")
        os.utime(self.path)  # somebody is at work here

    def forget(self, *names: str) -> None:
        """Remove what was noted under some names."""
        for name in names:
            (self.path / f"{name}.json").unlink(missing_ok=True)

    def receive(
        self, content: IO[bytes], stored: str, left: int, shown: str, limits: UploadLimits
    ) -> int:
        """Write a file and return its size; stops as soon as a limit is passed."""
        size = 0
        with (self.files / stored).open("xb") as out:
            while chunk := content.read(_CHUNK):
                size += len(chunk)
                if size > left:
                    limit = limits.bytes_total // MEBI
                    raise InputError("upload.large", file=shown, limit=limit)
                out.write(chunk)
        return size

    def remove(self) -> None:
        """Remove the upload."""
        shutil.rmtree(self.path, ignore_errors=True)
