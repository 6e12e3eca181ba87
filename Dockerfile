FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 landplan
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
COPY src ./src
RUN pip install --no-cache-dir --constraint constraints.txt .
USER landplan
# compiled kernels live beside the user, so that the first request does not wait for the compiler
ENV NUMBA_CACHE_DIR=/home/landplan/.cache/numba
RUN python -m landplan.planning.warm_up
WORKDIR /work
ENTRYPOINT ["landplan"]
CMD ["--help"]
