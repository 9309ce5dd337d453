# The worker and the `andon` command, without build tools, as an unprivileged user on a file system it need not write to.
FROM python:3.11.14-slim-bookworm AS base

FROM base AS build
RUN python -m venv /opt/andon
ENV PATH=/opt/andon/bin:$PATH
WORKDIR /src
# Dependencies first: their layer stays while the code changes.
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY andon andon
COPY schemas schemas
COPY planning planning
COPY streams streams
COPY agents agents
COPY connect connect
COPY simulation simulation
COPY studies studies
COPY rehearsal rehearsal
COPY console console
COPY cli cli
# setuptools is in the lock for this step alone; pip goes last, by its own hand.
RUN pip install --no-cache-dir --no-index --no-deps --no-build-isolation . \
    && pip uninstall --yes setuptools pip

FROM base
RUN pip uninstall --yes --root-user-action ignore setuptools wheel pip \
    && groupadd --gid 10001 andon \
    && useradd --uid 10001 --gid andon --no-create-home --home-dir /tmp --shell /usr/sbin/nologin andon
COPY --from=build /opt/andon /opt/andon
# The metrics port must be reached from outside the container: publish it on the host's loopback, or not at all.
# matplotlib, which Prophet imports, keeps a cache: under /tmp, which may be a tmpfs.
ENV PATH=/opt/andon/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    ANDON_METRICS_HOST=0.0.0.0 \
    ANDON_METRICS_PORT=9108 \
    ANDON_LOG_FORMAT=json
# An andon.toml mounted here is read.
WORKDIR /etc/andon
USER 10001:10001
EXPOSE 9108
STOPSIGNAL SIGTERM
# A worker that restores its state is alive and not ready; that may take minutes after a failover of many keys.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5m --start-interval=2s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"ANDON_METRICS_PORT\"]}/ready', timeout=4)"]
ENTRYPOINT ["andon"]
CMD ["worker"]
