# The base of every environment image: Python with compiled byte code; no pip, no set-uid files. Built without network.
ARG ORIGIN
FROM ${ORIGIN}
RUN set -eu; \
    site=$(python3 -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
    rm -rf "$site"/pip "$site"/pip-* "$site"/setuptools "$site"/setuptools-* "$site"/wheel "$site"/wheel-* \
        /usr/local/bin/pip* /usr/local/lib/python3*/ensurepip /usr/local/lib/python3*/test; \
    find / -xdev -perm /6000 -type f -exec chmod a-s {} +; \
    python3 -I -m compileall -q -f --invalidation-mode unchecked-hash \
        "$(python3 -I -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" || true; \
    mkdir -p /work /opt/grader
