# An environment image: packages, and the programs of this folder at /opt/grader, root's own and compiled.
ARG PACKAGES
FROM ${PACKAGES}
COPY programs/ /opt/grader/
RUN python3 -I -m compileall -q --invalidation-mode unchecked-hash /opt/grader
