"""What is on the ground: town files, layers, findings, adjacency, the invented town.

Importing this package closes GDAL to all formats but four, before any layer is opened: a file that
says it is a GeoPackage must not be able to make GDAL open another file or an address.
"""

from landplan.cadastre import drivers

drivers.restrict()
