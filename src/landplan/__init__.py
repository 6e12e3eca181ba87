"""landplan: a land-consolidation planner with a proven bound on every plan."""

__version__ = "0.1.0"
