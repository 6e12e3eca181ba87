"""Opening one layer: format, CRS, encoding and columns; nothing is guessed silently."""

import hashlib
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from landplan.cadastre.crs import parse_crs, position_fault
from landplan.cadastre.findings import Finding
from landplan.cadastre.opening import field_names, open_layer, open_table, require_columns
from landplan.cadastre.sniff import sniff
from landplan.cadastre.townfile import Layer
from landplan.errors import InputError

_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


@dataclass(slots=True)
class Sources:
    """The files read so far, with hashes, relative to the folder of the town file."""

    folder: Path
    hashes: dict[str, str] = field(default_factory=dict)

    def resolve(self, name: str) -> Path:
        """Return the path of a file of the town file; note its hash, all parts of a shapefile."""
        path = self.folder / name
        parts = [path]
        if path.suffix.lower() == ".shp" and path.parent.is_dir():
            parts = [
                part
                for part in sorted(path.parent.iterdir())
                if part.stem == path.stem and part.suffix.lower() in _SHAPEFILE_PARTS
            ]
        for part in parts:
            if part.is_file():
                key = name if part == path else str(Path(name).with_suffix(part.suffix))
                self.hashes[key] = sha256(part)
        return path


def columns_of(section: Layer, sources: Sources) -> set[str]:
    """Return the names of all columns in a layer's files; raises InputError where one is broken."""
    names: set[str] = set()
    for file in section.files:
        path = sources.resolve(file)
        sniff(path)
        names |= set(field_names(path, file, section.layer, section.encoding))
    return names


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_layer(
    section: Layer, name: str, columns: list[str], crs: CRS, sources: Sources
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read a layer with the named columns into the working CRS.

    Returns the frame (columns under their names in the file, 2-D geometry, index 0..n-1) and what
    was found on the way. Raises InputError where the file, the layer, a column or the CRS makes
    reading impossible.
    """
    findings: list[Finding] = []
    frames = []
    for file in section.files:
        path = sources.resolve(file)
        frame, remarks = open_layer(path, file, section.layer, section.encoding, columns)
        findings += [
            Finding("layer.remark", "note", name, params={"file": file, "remark": remark})
            for remark in remarks
        ]
        frame = _with_crs(frame, file, section, name, findings)
        fault = position_fault(_sample(frame), CRS(frame.crs), name)
        if fault is not None:
            findings.append(fault)
            frame = frame.set_crs(crs, allow_override=True)
        frames.append(_flat(frame, name, findings).to_crs(crs))
    merged = (
        pd.concat(frames, ignore_index=True)
        if len(frames) > 1
        else frames[0].reset_index(drop=True)
    )
    return gpd.GeoDataFrame(merged, geometry="geometry", crs=crs), findings


def read_table(
    file: str, layer: str | None, encoding: str | None, columns: list[str], sources: Sources
) -> pd.DataFrame:
    """Read a table: CSV, or the attributes of a GeoPackage layer or shapefile.

    Raises InputError.
    """
    path = sources.resolve(file)
    if sniff(path) == "csv":
        return read_csv(path, file, encoding or "utf-8", columns)
    return open_table(path, file, layer, encoding, columns)


def read_csv(path: Path, file: str, encoding: str, columns: list[str]) -> pd.DataFrame:
    """Read the named columns of a CSV file as text, numbers where the whole column is numeric."""
    try:
        with warnings.catch_warnings():
            # rows with more cells than the header: pandas would shift or cut them with a warning
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                path,
                encoding="utf-8-sig" if encoding.lower() == "utf-8" else encoding,
                dtype=str,
                index_col=False,
                keep_default_na=False,
                na_values=[""],
                sep="\t" if path.suffix.lower() == ".tsv" else ",",
            )
    except (UnicodeDecodeError, LookupError):
        raise InputError("table.encoding", file=file, encoding=encoding) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        raise InputError("table.unreadable", file=file, detail=str(error).strip()) from None
    require_columns(columns, list(table.columns), file)
    return table[list(dict.fromkeys(columns))]


def _with_crs(
    frame: gpd.GeoDataFrame, file: str, section: Layer, name: str, findings: list[Finding]
) -> gpd.GeoDataFrame:
    declared = frame.crs
    if section.crs is None:
        if declared is None:
            raise InputError("crs.missing", file=file, guess=_guess(frame))
        return frame
    stated = parse_crs(section.crs)
    if declared is None:
        return frame.set_crs(stated)
    if CRS(declared).equals(stated, ignore_axis_order=True):
        return frame
    params: dict[str, object] = {
        "file": file,
        "declared": CRS(declared).name,
        "stated": section.crs,
    }
    if not section.crs_override:
        raise InputError("crs.contradiction", **params)
    findings.append(Finding("crs.overruled", "warning", name, params=params))
    return frame.set_crs(stated, allow_override=True)


def _guess(frame: gpd.GeoDataFrame) -> str:
    points = _sample(frame)
    points = points[np.isfinite(points).all(axis=1)]
    degrees = len(points) > 0 and bool((np.abs(points) <= np.array([180.0, 90.0])).all())
    return "EPSG:4326" if degrees else "–"


def _sample(frame: gpd.GeoDataFrame) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    bounds = shapely.bounds(frame.geometry.to_numpy())
    return np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])


def _flat(frame: gpd.GeoDataFrame, name: str, findings: list[Finding]) -> gpd.GeoDataFrame:
    geometry = frame.geometry.to_numpy()
    has_z = shapely.has_z(geometry)
    if has_z.any():
        findings.append(Finding("geometry.z", "note", name, measured=float(has_z.sum())))
        frame = frame.set_geometry(
            gpd.GeoSeries(shapely.force_2d(geometry), index=frame.index, crs=frame.crs)
        )
    return frame
