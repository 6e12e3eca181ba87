"""Files as people, careless ones and hostile ones, would send them."""

import io
import json
import struct
import zipfile
from pathlib import Path

import geopandas as gpd

from landplan.errors import LandplanError, ManyErrors
from landplan.workspace.workspace import Workspace


def shapefile(folder: Path, parcels: gpd.GeoDataFrame, stem: str = "parcels") -> dict[str, bytes]:
    """Return the parts of a shapefile by name."""
    folder.mkdir(parents=True, exist_ok=True)
    parcels.to_file(folder / f"{stem}.shp", encoding="utf-8")
    return {part.name: part.read_bytes() for part in sorted(folder.glob(f"{stem}.*"))}


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return a zip of the parts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def lying(packed: bytes, part: str, size: int) -> bytes:
    """Return a zip that understates the unpacked size of a part, in both places that tell it."""
    changed = bytearray(packed)
    name = part.encode()
    for signature, size_at, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        place = -1
        while (place := changed.find(signature, place + 1)) >= 0:
            if changed[place + name_at : place + name_at + len(name)] == name:
                changed[place + size_at : place + size_at + 4] = struct.pack("<I", size)
    return bytes(changed)


def geojson(**changes: object) -> bytes:
    """Return one square parcel as GeoJSON; `changes` overrides members of its feature."""
    ring = [[121.1, 31.3], [121.101, 31.3], [121.101, 31.301], [121.1, 31.301], [121.1, 31.3]]
    feature = {
        "type": "Feature",
        "properties": {"parcel_id": "A", "owner": "o1"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    } | changes
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def vrt(source: str) -> bytes:
    """Return a virtual layer that makes GDAL open another file or address."""
    return (
        '<OGRVRTDataSource><OGRVRTLayer name="parcels">'
        f"<SrcDataSource>{source}</SrcDataSource><SrcLayer>secret</SrcLayer>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


def send(workspace: Workspace, **files: bytes) -> str:
    """Send files (`parcels__gpkg` for ``parcels.gpkg``) and return the token."""
    token = workspace.uploads.open("wang")
    for name, content in files.items():
        workspace.uploads.add(token, name.replace("__", "."), io.BytesIO(content))
    return token


def codes(error: LandplanError) -> list[str]:
    """Return the codes of all faults that an error stands for."""
    faults = error.errors if isinstance(error, ManyErrors) else (error,)
    return [fault.code for fault in faults]
