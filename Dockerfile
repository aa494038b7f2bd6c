# Any Debian-like image with Node 20.19 or newer will do, for both stages.
ARG BASE_IMAGE=node:22-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM ${BASE_IMAGE}
ENV NODE_ENV=production
# For repositories over ssh and for large ones; ssh wants its user to have a name.
RUN apt-get update \
    && apt-get install -y --no-install-recommends git openssh-client ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin kudo-gitops
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /src/dist dist
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["node", "/app/dist/kudo-gitops.js"]
CMD ["run"]
