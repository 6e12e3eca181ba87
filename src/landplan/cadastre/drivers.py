"""The four formats landplan opens; GDAL's other drivers are switched off."""

import os

ALLOWED = ("ESRI Shapefile", "GPKG", "GeoJSON", "TopoJSON")

# GDAL has no allow-list, only a list of drivers to leave out; a test compares what is left with
# ALLOWED.
_OTHERS = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,"
    "Elasticsearch,FlatGeobuf,GDALG,GML,GPSBabel,GPX,GTFS,GeoJSONSeq,GeoRSS,HTTP,Idrisi,"
    "JML,JSONFG,KML,LIBKML,LVBAG,MBTiles,MEM,MVT,MapInfo File,MapML,MiraMonVector,NGW,"
    "OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,PDF,PDS4,PGDUMP,"
    "PLSCENES,PMTiles,S57,SQLite,SXF,Selafin,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)

CLOSED = {"OGR_SKIP": _OTHERS, "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none"}
"""Variables that leave only `ALLOWED` to GDAL, and no address on the network."""


def restrict() -> None:
    """Leave only `ALLOWED` to GDAL; has an effect as long as pyogrio has not been imported.

    A caller who has set ``OGR_SKIP`` keeps the own choice. Where pyogrio was imported before,
    `landplan.cadastre.sniff` still refuses files that are not what their name says.
    """
    for name, value in CLOSED.items():
        os.environ.setdefault(name, value)
