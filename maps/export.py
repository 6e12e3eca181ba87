"""A map as files: one page and a folder of assets and data beside it, opened from anywhere."""

import os
import shutil
import uuid
from pathlib import Path
from urllib.parse import quote

from landplan.errors import InputError
from maps.page import DATA_SCRIPT, STATIC, data_script, map_page
from maps.view import MapView


def write_map(view: MapView, file: Path) -> Path:
    """Write ``map.html`` and ``map_files/`` beside it; an earlier map there is replaced.

    Raises
    ------
    InputError
        ``map.is_folder`` where the file is a folder, ``map.not_writable`` where nothing can be
        written.
    """
    if file.is_dir():
        raise InputError("map.is_folder", file=str(file))
    folder = file.with_name(f"{file.stem}_files")
    page = map_page(view, assets=quote(folder.name), data="script")
    mark = uuid.uuid4().hex[:8]
    staging = file.with_name(f".{file.stem}.{mark}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(STATIC, staging / "files")
        (staging / "files" / DATA_SCRIPT).write_text(data_script(view), encoding="utf-8")
        (staging / "page.html").write_text(page, encoding="utf-8")
        if folder.exists():
            os.replace(folder, staging / "earlier")
        os.replace(staging / "files", folder)
        os.replace(staging / "page.html", file)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise InputError("map.not_writable", file=str(file), detail=detail) from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return file
