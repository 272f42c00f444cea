# The image of the operator. It runs the project in /opt/fairlead: the default operator, or what is mounted or copied there instead.
#
#   docker build --tag fairlead .
#   docker run --rm fairlead render samples/app.yaml
#   docker run --rm --read-only --volume "$PWD":/opt/fairlead:ro fairlead run
#
# Nothing is written to the file system, so a read-only root is fine; the user is not root.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY scripts scripts
COPY src src
RUN npm run build

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="fairlead" org.opencontainers.image.licenses="Apache-2.0"
# glibc would give each of V8's threads an arena of its own, and keep what they freed: 10 MB.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
COPY LICENSE /usr/local/share/doc/fairlead/LICENSE
COPY --from=build /build/dist /usr/local/lib/fairlead
RUN ln -s /usr/local/lib/fairlead/fairlead.js /usr/local/bin/fairlead
WORKDIR /opt/fairlead
COPY watches.yaml ./
COPY charts charts
COPY samples samples
USER 65532:65532
# Room that V8 takes stays resident. Its young generation would grow to 64 MB, and its old one to three times what is alive (docs/decisions/0009-memory.md).
ENTRYPOINT ["node", "--max-semi-space-size=2", "--initial-old-space-size=24", "--heap-growing-percent=50", "--enable-source-maps", "/usr/local/lib/fairlead/fairlead.js"]
CMD ["run"]
