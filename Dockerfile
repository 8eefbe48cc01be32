# Runs the sources as they are: Node strips the types, so there is nothing to build.
FROM node:26-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts
COPY src ./src
COPY config ./config
# The state lies where the program is started.
WORKDIR /data
RUN chown node:node /data
USER node
VOLUME /data
ENTRYPOINT ["node", "/app/src/main.ts"]
CMD ["run"]
