"""The FastAPI service: console, OGC API, embedded map; `python -m api`."""
