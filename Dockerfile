FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 landplan
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
COPY src ./src
RUN pip install --no-cache-dir --constraint constraints.txt '.[api]'
# the service and its maps are packages of this folder, not of the wheel
COPY maps ./maps
COPY api ./api
RUN mkdir /work && chown landplan /work
USER landplan
# compiled kernels live beside the user, so that the first request does not wait for the compiler
ENV NUMBA_CACHE_DIR=/home/landplan/.cache/numba LANDPLAN_WORKSPACE=/work LANDPLAN_HOST=0.0.0.0
RUN python -m landplan.planning.warm_up
VOLUME /work
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
# reachable from outside the container, so LANDPLAN_AUTH (accounts, proxy, keys or open) and
# LANDPLAN_ALLOWED_HOSTS (the names by which people reach it) must be set;
# the command line is there too: docker run … landplan check /work/town.toml
CMD ["python", "-m", "api"]
