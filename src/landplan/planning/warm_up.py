"""Compile all kernels once, so that the first request does not wait.

``python -m landplan.planning.warm_up``.
"""

from landplan.cadastre import bridges
from landplan.optimize.assembly.warmup import warm_up as warm_up_assembly
from landplan.optimize.partition.warmup import warm_up as warm_up_partition


def main() -> None:
    """Compile into the cache folder of numba."""
    bridges.warm_up()
    warm_up_assembly()
    warm_up_partition()


if __name__ == "__main__":
    main()
