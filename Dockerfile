# The bot and the runner from one source tree. `docker build --target bot .` or `--target runner`.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:24-bookworm-slim AS base
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production STEWARD_DATA=/data NODE_COMPILE_CACHE=/data/compiled NODE_OPTIONS=--max-semi-space-size=2 MALLOC_ARENA_MAX=2
COPY --from=packages /app/node_modules ./node_modules
COPY package.json app.yml* LICENSE ./
COPY src ./src
COPY runners ./runners
RUN mkdir /data && chown node:node /data
VOLUME /data
ENTRYPOINT ["node", "src/main.ts"]

# Decides, comments, keeps the queue. Holds no sandboxes and needs no rights.
FROM base AS bot
# Its own loopback would be reached by nobody; what may reach it, `--publish` says.
ENV HOST=0.0.0.0
USER node
EXPOSE 3900
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3900) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["serve"]

# Runs gates and agents in sandboxes. It starts as root, because it mounts views and gives every job a user of its own; without a
# container engine at hand it needs `--cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined`.
FROM base AS runner
RUN apt-get update \
 && apt-get install --yes --no-install-recommends bubblewrap util-linux \
 && rm -rf /var/lib/apt/lists/*
CMD ["runner"]
