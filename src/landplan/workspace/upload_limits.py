"""What an uploaded file may be: every limit in one place."""

from dataclasses import dataclass
from typing import Final

MEBI: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Limits of one upload; each breach is refused in a sentence that names the limit.

    Attributes
    ----------
    bytes_total
        Of all files of an upload as they arrive.
    bytes_unpacked
        Of all that a zip holds, counted while it is unpacked: what a zip says of itself may lie.
    zip_ratio
        Unpacked to packed bytes; shapefiles stay far below.
    zip_entries, files
        Entries of one zip, files of one upload.
    features, vertices
        Of all layers together.
    columns
        Of one layer.
    time_s, memory_mb
        Of the process that reads the files.
    answer_bytes
        Of what that process says about them.
    keep_s
        An upload that was not imported is removed after this time.
    """

    bytes_total: int = 200 * MEBI
    bytes_unpacked: int = 1024 * MEBI
    zip_ratio: float = 100.0
    zip_entries: int = 64
    files: int = 16
    features: int = 200_000
    vertices: int = 20_000_000
    columns: int = 500
    time_s: float = 120.0
    memory_mb: int = 4096
    answer_bytes: int = 16 * MEBI
    keep_s: float = 24 * 3600.0
