# Any image with Node 20.19 or newer will do, for both stages.
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
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /src/dist dist
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["node", "/app/dist/kudo-gitops.js"]
CMD ["run"]
