# The base and what a recipe installs. Built without network; installing a wheel and compiling it run nothing of it.
ARG BASE
FROM ${BASE} AS site
COPY install/ /install/
RUN PYTHONPATH=/install python3 -m pip install --quiet --no-index --no-deps --no-compile --ignore-installed --no-cache-dir \
        --root-user-action=ignore --break-system-packages --disable-pip-version-check --root=/site /install/wheels/*.whl && { \
    python3 -I -m compileall -q -s /site -p / --invalidation-mode unchecked-hash /site || true; }

FROM ${BASE}
COPY --from=site /site/ /
