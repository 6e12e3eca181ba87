"""The town file and the requests of the invented town."""

TOWN_FILE = """\
# The invented town: {size} parcels, seed {seed}. Everything in it is made up; prices stand for
# nothing real.
format = 1

[town]
name = "Anting (invented)"
crs = "EPSG:4549"                # CGCS2000, 3-degree zone at 120 degrees east, metres
currency = "CNY"
base_date = "2026-01-01"

[parcels]
file = "town.gpkg"
layer = "parcels"
id = "ZDDM"                      # 19 characters; the county 310199 does not exist
address = "ZL"
# present use; 0804, 0810 and 01xx are recalled codes of this edition
land_use = {{ column = "DLBM", scheme = "gb21010", edition = "2017" }}
value = {{ column = "JZ", unit = "total" }}
cost = {{ column = "CB", unit = "total" }}
area_registered = {{ column = "SCMJ", unit = "m2" }}

[zones]                          # planned use
file = "town.gpkg"
layer = "zones"
code = {{ column = "GHYT", scheme = "mnr2023", edition = "2023" }}

[restrictions]
file = "town.gpkg"
layer = "restrictions"
kind = "LX"
hard = "YZ"
buffer_m = "HC"

[roads]
file = "town.gpkg"
layer = "roads"
class = "DJ"
width_m = "KD"

[buildings]
file = "town.gpkg"
layer = "buildings"
floors = "CS"
height_m = "GD"
year_built = "NF"

[facilities]
file = "town.gpkg"
layer = "facilities"
kind = "LX"
capacity = "NL"

[owners]                         # names are in the file, but are never read
file = "town.gpkg"
layer = "owners"
id = "QLRBH"
kind = "LX"
consent = "YX"
refusal_probability = "JJGL"
homestead_x = "X"
homestead_y = "Y"

[rights]
file = "town.gpkg"
layer = "rights"
parcel = "ZDDM"
owner = "QLRBH"
share = "FE"
type = "QLLX"
ownership = "SYQ"
end = "ZZRQ"
encumbrance = "XZ"
"""

_THREE = """\
# Three sites for the vehicle park: a battery plant, a supplier and a laboratory.
process = "assemble"
title = "Vehicle park: battery plant, supplier, laboratory"
seed = 1

[bridge]
max_width_m = 30
min_facing_m = 10

[[demand]]
id = "plant"
area_ha = [20, 26]
land_uses = ["0601", "0604"]
zones = ["100101", "100102", "1101"]
max_bridges = 2

[[demand]]
id = "supplier"
area_ha = [8, 10.4]
land_uses = ["0601", "0604"]
zones = ["100101", "100102", "1101"]
max_bridges = 1

[[demand]]
id = "laboratory"
area_ha = [2, 2.6]
land_uses = ["0601", "0604", "0804"]
zones = ["100101", "0802"]
"""

_SMALL = """\
# One small site, asked for in mu (15 mu = 1 ha), of at least three parcels.
process = "assemble"
title = "A workshop yard"
seed = 1

[[demand]]
id = "yard"
area_mu = [45, 60]
land_uses = ["0601", "0604"]
min_parcels = 3
"""

_PAIR = """\
# Two sites of one kind; what the land reserve holds already costs nothing.
process = "assemble"
title = "Two supplier sites from reserve land"
seed = 1
acquirer_owners = ["R-0001"]

[bridge]
max_width_m = 30

[[demand]]
id = "supplier"
area_ha = [5, 6.5]
count = 2
land_uses = ["0601", "0604"]
max_bridges = 1
"""

_PLACED = """\
# A battery store away from housing and a supplier within reach of it, both for one budget.
process = "assemble"
title = "Battery store and supplier"
seed = 1
between = ["store supplier >= 300 m", "store supplier <= 3 km"]

[budget]
max_cost = 400000000             # over all sites

[bridge]
max_width_m = 30

[[demand]]
id = "store"
area_ha = [3, 4]
land_uses = ["0601", "0604"]

[[demand.place]]
layer = "land_use"
names = ["0701", "0702"]         # housing
min_m = 300

[[demand]]
id = "supplier"
area_ha = [5, 6.5]
land_uses = ["0601", "0604"]
max_bridges = 1
"""

_PARTITION = """\
# As many sites of at least 4 ha as the industrial land can give, alike in price inside.
process = "partition"
title = "Industrial sites of at least 4 ha"
seed = 1
attributes = ["cost_per_ha", "value_per_ha"]

[[demand]]
id = "site"
area_ha = [4, 1000000]           # 1000000: no largest area
land_uses = ["0601", "0604"]
"""

_NEGOTIATED = """\
# A supplier site with few and willing owners, compact, with room for a hall, that shuts nobody in.
process = "assemble"
title = "Supplier site, negotiated"
seed = 1

[price]
per_owner = 300000               # what one more owner to deal with counts for
per_survival = 2000000           # times the sum of -ln(1 - refusal probability)
per_bridge = 500000
moment = 20000                   # one hectare 100 m from the centre parcel

[consent]
heads = 0.6667                   # two thirds of the owners, and of the land
area = 0.6667

[shape]
min_width_m = 60
rectangle_length_m = 150         # the hall
rectangle_width_m = 80
holes = "fill"

[frontage]
min_m = 100

[neighbours]
keep_street_contact = true
min_orphan_area_m2 = 2000

[[demand]]
id = "supplier"
area_ha = [8, 10.4]
land_uses = ["0601", "0604"]
zones = ["100101", "100102", "1101"]
max_bridges = 1
"""

_CLOSING = """\
# One large site for which secondary roads may be closed: their ground joins it, paid by the m².
process = "assemble"
title = "Battery plant, one piece"
seed = 1

[bridge]
max_width_m = 30
min_facing_m = 10
mode = "close"
classes = ["次干路"]

[price]
per_closed_m2 = 300

[[demand]]
id = "plant"
area_ha = [20, 26]
land_uses = ["0601", "0604"]
zones = ["100101", "100102", "1101"]
max_bridges = 3
"""

_MEASURE = """\
# How the land of every holding lies: parcels, pieces, distances, shape, access. No plan.
process = "measure"
title = "How the land lies"

[weights]                        # of the fragmentation index; left out: the package's estimates
standard_distance_m = 0.3
mean_area_m2 = 0.25
psi = 0.15
road_access = 0.2
sole_share = 0.1
"""

_EXCHANGE = """\
# Land for land: everyone's parcels nearer to home and in fewer pieces, equal in value.
process = "exchange"
title = "Exchange of land"
seed = 1

[fixed]
buildings = "free"               # no hall is moved: an exchange of titles

[tolerance]
value_share = 0.03               # of what each party brings in
cash = 20000000                  # and this much settled in money, a party

[price]
piece = 40000                    # what one contiguous piece counts
"""

_DISPLACED = """\
# Land elsewhere for those who give way to a site: its parcels come from the step before.
process = "exchange"
title = "Land for those who give way"
seed = 1

[take_part]
land_uses = ["0601", "0604"]     # where land may be received

[fixed]
buildings = "free"               # an exchange of titles

[tolerance]
value_share = 0.05
cash = 20000000

[price]
piece = 40000
"""

_SCENARIO = """\
# First a site, then land elsewhere for everyone who gives way to it; one ledger over both.
process = "scenario"
title = "A site, and land for those who give way"

[[step]]
name = "site"
request = "assemble-small.toml"

[[step]]
name = "land-for-land"
request = "displaced.toml"
displaced_by = "site"
"""

REQUESTS = {
    "assemble.toml": _THREE,
    "assemble-small.toml": _SMALL,
    "assemble-pair.toml": _PAIR,
    "assemble-negotiated.toml": _NEGOTIATED,
    "assemble-closing.toml": _CLOSING,
    "assemble-placed.toml": _PLACED,
    "partition.toml": _PARTITION,
    "exchange.toml": _EXCHANGE,
    "displaced.toml": _DISPLACED,
    "scenario.toml": _SCENARIO,
    "measure.toml": _MEASURE,
}
