# Build, lay out, train, run: docs/container.md says how to use the image.
# Both names must be of one Java build: an AOT cache holds for the very runtime that wrote it. A release names them with
# their digests, as docs/container.md says.
ARG JDK=docker.io/library/eclipse-temurin:25.0.3_9-jdk-noble
ARG JRE=docker.io/library/eclipse-temurin:25.0.3_9-jre-noble

FROM ${JDK} AS build
# Maven itself reads this from the environment.
ARG MAVEN_ARGS=""
WORKDIR /src
COPY mvnw pom.xml ./
COPY .mvn .mvn
# One small source through the whole build: the layer holds what Maven downloads, until the POM changes.
COPY src/main/java/dev/nebulastore/package-info.java src/main/java/dev/nebulastore/
RUN ./mvnw -B -q -Dmaven.test.skip=true -Dspring-boot.repackage.skip=true package && rm -rf target
COPY src/main src/main
RUN ./mvnw -B -q -Dmaven.test.skip=true package \
 && java -Djarmode=tools -jar target/nebulastore-*.jar extract --layers --application-filename app.jar --destination /layers
# RocksDB's library for this platform alone, out of the jar that holds all: nothing is unpacked at run time.
RUN case "$(uname -m)" in \
      x86_64) library=librocksdbjni-linux64.so ;; \
      aarch64) library=librocksdbjni-linux-aarch64.so ;; \
      *) echo "no RocksDB for $(uname -m) here" >&2; exit 1 ;; \
    esac \
 && jar=$(echo /layers/dependencies/lib/rocksdbjni-*.jar) && mkdir /layers/native /tmp/rocksdbjni && cd /tmp/rocksdbjni \
 && jar --extract --file "$jar" && install -m 644 "$library" /layers/native/librocksdbjni.so \
 && rm librocksdbjni* && jar --create --file "$jar" --manifest META-INF/MANIFEST.MF -C . org

# What runs, but for the cache. Training and running start from this same stage, since the cache
# is refused when the size or time of a jar differs.
FROM ${JRE} AS app
RUN install -d -o 10001 -g 10001 /data /backups
COPY --from=build /layers/dependencies/ /app/
COPY --from=build /layers/native/ /app/native/
COPY --from=build /layers/application/ /app/

FROM app AS trained
RUN java -XX:AOTCacheOutput=/tmp/app.aot -Dspring.context.exit=onRefresh -Djava.library.path=/app/native \
  -Dnebula.storage.directory=/tmp/data -jar /app/app.jar

FROM app
COPY --from=trained /tmp/app.aot /app/app.aot
# Fewer arenas: glibc's default of eight for each processor keeps what RocksDB's threads gave back.
# All addresses, so that a published port is answered: by 403 until tokens are set, or the mode open.
ENV SERVER_ADDRESS=0.0.0.0 \
    NEBULA_STORAGE_DIRECTORY=/data \
    NEBULA_STORAGE_BACKUP_DIRECTORY=/backups \
    MALLOC_ARENA_MAX=2
WORKDIR /app
VOLUME /data
EXPOSE 8080
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
# Bash's own socket, as the base image has no curl. Liveness, since what acts on this check restarts
# the container, and a start cures only what liveness reports.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${MANAGEMENT_SERVER_PORT:-${SERVER_PORT:-8080}} && printf 'GET /actuator/health/liveness HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 2 _ status _ <&3 && [ \"$status\" = 200 ]"]
# The rest of the memory is RocksDB's and the JVM's own: docs/container.md has the sums.
# No exit on OutOfMemoryError: a worker that meets one dies and is replaced like any other.
# No perf data: it would be a file on the root, which may be read-only.
ENTRYPOINT ["java", "-XX:AOTCache=/app/app.aot", "-XX:MaxRAMPercentage=35", "-XX:-UsePerfData", "-Djava.library.path=/app/native", "-jar", "/app/app.jar"]

ARG JRE
ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="NebulaStore" \
      org.opencontainers.image.description="A sharded, fault-tolerant key-value store on plain HTTP" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${JRE}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
