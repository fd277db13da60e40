package dev.nebulastore.ops.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.NebulaStoreApplication;
import dev.nebulastore.kv.KvException.BackupFailed;
import dev.nebulastore.kv.KvException.BackupNoRoom;
import dev.nebulastore.kv.KvException.BackupRunning;
import dev.nebulastore.ops.Operator;
import dev.nebulastore.storage.Backups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** Making, listing and restoring backups. */
class BackupsTests {

  private static final String PATH = "/actuator/backups";

  @TempDir private Path folder;

  /** A server for a single test. */
  private record Server(ConfigurableApplicationContext context, Operator operator)
      implements AutoCloseable {

    static Server start(String... arguments) {
      return start(context -> {}, arguments);
    }

    static Server start(
        ApplicationContextInitializer<ConfigurableApplicationContext> initializer,
        String... arguments) {
      List<String> all = new ArrayList<>(List.of(arguments));
      all.add("--server.address=127.0.0.1");
      all.add("--server.port=0");
      SpringApplication application = new SpringApplication(NebulaStoreApplication.class);
      application.addInitializers(initializer);
      ConfigurableApplicationContext context = application.run(all.toArray(String[]::new));
      int port = context.getEnvironment().getRequiredProperty("local.server.port", int.class);
      return new Server(context, new Operator(port));
    }

    @Override
    public void close() {
      context.close();
    }
  }

  private Server durable(String data, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--nebula.storage.engine=rocksdb");
    all.add("--nebula.storage.directory=" + folder.resolve(data));
    all.add("--nebula.storage.backup-directory=" + folder.resolve("backups"));
    return Server.start(all.toArray(String[]::new));
  }

  private static void put(Operator operator, String key, String value) {
    assertThat(operator.send("PUT", "/kv/" + key, value).statusCode()).isIn(201, 204);
  }

  private static String etag(Operator operator, String key) {
    return operator.get("/kv/" + key).headers().firstValue("ETag").orElseThrow();
  }

  @Test
  void backupsAreMadeListedAndRestoredFromACopy() throws IOException {
    JsonNode made;
    String before;
    try (Server server = durable("data", "--management.endpoint.backups.access=unrestricted")) {
      Operator operator = server.operator();
      assertThat(operator.read(PATH).path("backups")).isEmpty();
      put(operator, "kept", "at the backup");
      put(operator, "session?ttl=1h", "token");
      before = etag(operator, "kept");
      made = Operator.body(operator.send("POST", PATH), 201);
      put(operator, "kept", "later");
      put(operator, "new", "later");
      assertThat(operator.read(PATH).path("backups")).containsExactly(made);
      JsonNode second = Operator.body(operator.send("POST", PATH), 201);
      assertThat(operator.read(PATH).path("backups")).containsExactly(second, made);
    }
    assertThat(made.path("name").asString()).matches("\\d{4}(-\\d\\d){2}T(\\d\\d-){2}[0-9.]{6}Z");
    // The name contains milliseconds even if they are zero.
    String named = made.path("name").asString().replaceFirst("T(..)-(..)-", "T$1:$2:");
    assertThat(Instant.parse(made.path("created").asString())).isEqualTo(Instant.parse(named));
    assertThat(made.path("bytes").asLong()).isPositive();
    copy(folder.resolve("backups").resolve(made.path("name").asString()), folder.resolve("copy"));
    try (Server server = durable("copy")) {
      Operator operator = server.operator();
      assertThat(operator.get("/kv/kept").body()).isEqualTo("at the backup");
      assertThat(etag(operator, "kept")).isEqualTo(before);
      assertThat(operator.get("/kv/new").statusCode()).isEqualTo(404);
      assertThat(operator.get("/kv/session").headers().firstValue("Nebula-Expires")).isPresent();
      assertThat(operator.read(PATH).path("backups")).hasSize(2);
    }
  }

  @Test
  void makingNeedsUnrestrictedAccess() {
    try (Server server = durable("data")) {
      var refusal = server.operator().send("POST", PATH);
      assertThat(Operator.problem(refusal, 405)).isEqualTo("method-not-allowed");
      assertThat(refusal.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
      assertThat(Operator.body(refusal, 405).path("detail").asString())
          .isEqualTo(
              "This path supports GET, HEAD, OPTIONS; not POST. It would need"
                  + " management.endpoint.backups.access=unrestricted.");
      assertThat(server.operator().read(PATH).path("backups")).isEmpty();
    }
    assertThat(folder.resolve("backups")).doesNotExist();
  }

  @Test
  void failedBackupIsAProblemAndTheStoreContinues() throws IOException {
    Files.writeString(folder.resolve("backups"), "a file in the way");
    try (Server server = durable("data", "--management.endpoint.backups.access=unrestricted")) {
      Operator operator = server.operator();
      assertThat(Operator.problem(operator.send("POST", PATH), 500)).isEqualTo("backup-failed");
      put(operator, "a", "1");
      assertThat(operator.read("/actuator/health").path("status").asString()).isEqualTo("UP");
    }
  }

  /** Refuses every backup for this reason. */
  private static final class Refusals implements Backups {
    private volatile RuntimeException reason = new BackupRunning();

    @Override
    public List<Backup> list() {
      throw reason;
    }

    @Override
    public Backup make() {
      throw reason;
    }
  }

  @Test
  void eachReasonHasItsStatus() {
    Refusals refusals = new Refusals();
    try (Server server =
        Server.start(
            context -> context.getBeanFactory().registerSingleton("backups", refusals),
            "--nebula.storage.engine=memory",
            "--management.endpoint.backups.access=unrestricted")) {
      Operator operator = server.operator();
      assertThat(Operator.problem(operator.send("POST", PATH), 409)).isEqualTo("backup-running");
      refusals.reason = new BackupNoRoom("the disk");
      assertThat(Operator.problem(operator.send("POST", PATH), 507)).isEqualTo("backup-no-room");
      refusals.reason = new BackupFailed("the disk");
      assertThat(Operator.problem(operator.get(PATH), 500)).isEqualTo("backup-failed");
    }
  }

  @Test
  void engineWithoutBackupsHasNoEndpoint() {
    try (Server server =
        Server.start(
            "--nebula.storage.engine=memory",
            "--management.endpoint.backups.access=unrestricted")) {
      Operator operator = server.operator();
      assertThat(Operator.problem(operator.get(PATH), 404)).isEqualTo("not-found");
      assertThat(Operator.problem(operator.send("POST", PATH), 404)).isEqualTo("not-found");
      assertThat(operator.read("/actuator").path("_links").has("backups")).isFalse();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }
}
