"""All benchmarks, one after the other: ``python -m benchmarks``."""

import subprocess
import sys

COMMANDS = (
    ("benchmarks.towns",),
    ("benchmarks.adjacency",),
    ("benchmarks.assembly", "--suite", "quick"),
    ("benchmarks.assembly", "--suite", "joint"),
    ("benchmarks.assembly", "--suite", "peers"),
)

for module, *words in COMMANDS:
    print(f"== python -m {' '.join([module, *words])}", flush=True)
    subprocess.run([sys.executable, "-m", module, *words], check=True)
