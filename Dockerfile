# One image for all programs of Wardwatch: `docker run IMAGE run bridge`, `… run web`, `… config check`.
#
# Nothing is fetched while it is built: `make wheelhouse` (or `make image`, which calls it) has put all wheels of the
# lock file under dist/wheelhouse, and pip takes no file whose hash is not in the lock. The base may be any image with
# Python 3.11 or newer as `python3`, with its venv module; the wheels must be for that Python.
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build
RUN python3 -m venv /opt/wardwatch
COPY requirements/run.txt requirements/
COPY dist/wheelhouse wheelhouse
RUN /opt/wardwatch/bin/pip --disable-pip-version-check --quiet install --no-cache-dir --no-compile --no-index \
        --find-links wheelhouse --require-hashes --no-deps -r requirements/run.txt
COPY . .
RUN /opt/wardwatch/bin/pip --disable-pip-version-check --quiet install --no-cache-dir --no-compile --no-index \
        --no-build-isolation --no-deps . \
    && /opt/wardwatch/bin/pip --quiet uninstall --yes setuptools pip \
    && /opt/wardwatch/bin/python -m compileall -q -j 0 /opt/wardwatch/lib

FROM ${BASE}
LABEL org.opencontainers.image.title="Wardwatch" \
      org.opencontainers.image.description="Watches hospital wards. Advisory: never the only alarm."
# No home, no shell, and a number that no host gives to a person. A volume that is mounted at
# /data or /shared becomes theirs.
RUN groupadd --system --gid 10001 wardwatch \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin wardwatch \
    && install -d -o wardwatch -g wardwatch -m 0750 /data \
    && install -d -o wardwatch -g wardwatch -m 0755 /shared
COPY --from=build /opt/wardwatch /opt/wardwatch
COPY config /config
ENV PATH=/opt/wardwatch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WARDWATCH_CONFIG=/config \
    WARDWATCH_DATA=/data \
    WARDWATCH_HEALTH=/tmp/health \
    WARDWATCH_HTTP_HOST=0.0.0.0 \
    WARDWATCH_LOG_FORMAT=json
WORKDIR /data
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["wardwatch"]
CMD ["--help"]
