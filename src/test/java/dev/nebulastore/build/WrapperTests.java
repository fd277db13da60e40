package dev.nebulastore.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script that downloads Maven, with a server that has another archive than the pinned one. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class WrapperTests {

  private static final List<String> TOOLS =
      List.of("basename", "cut", "dirname", "mkdir", "mktemp", "rm", "sha256sum", "tr", "uname");

  @TempDir private Path directory;
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private final HttpServer server;

  WrapperTests() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().getPath());
          byte[] archive = "another archive".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, archive.length);
          exchange.getResponseBody().write(archive);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static Path installed(String tool) {
    return Path.of("/usr/bin", tool);
  }

  /** Runs the script with few tools, and returns what it says. */
  private String run(String... more) throws IOException, InterruptedException {
    Path tools = Files.createDirectory(directory.resolve("tools"));
    for (List<String> some : List.of(TOOLS, List.of(more))) {
      for (String tool : some) {
        assumeThat(installed(tool)).isExecutable();
        Path script =
            Files.writeString(
                tools.resolve(tool), "#!/bin/sh\nexec %s \"$@\"\n".formatted(installed(tool)));
        assertThat(script.toFile().setExecutable(true)).isTrue();
      }
    }
    var wrapper = new ProcessBuilder("/bin/sh", "mvnw", "--version").redirectErrorStream(true);
    wrapper.environment().put("PATH", tools.toString());
    wrapper.environment().put("MAVEN_USER_HOME", directory.toString());
    wrapper.environment().put("MVNW_REPOURL", "http://127.0.0.1:" + server.getAddress().getPort());
    Process process = wrapper.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(1);
    return said;
  }

  @Test
  void otherArchivesAreRefused() throws Exception {
    assertThat(run("curl", "unzip")).contains("Failed to validate Maven distribution SHA-256");
    assertThat(asked).singleElement().asString().endsWith("-bin.zip");
  }

  @Test
  void withoutUnzipTheyAreRefusedToo() throws Exception {
    assertThat(run("curl")).contains("Failed to validate Maven distribution SHA-256");
    assertThat(asked).singleElement().asString().endsWith("-bin.tar.gz");
  }

  /** Otherwise the script would compare an archive with the sum of the other one. */
  @Test
  void eachArchiveHasASum() throws IOException {
    String settings = Files.readString(Path.of(".mvn", "wrapper", "maven-wrapper.properties"));
    assertThat(settings)
        .containsPattern("\ndistributionSha256Sum=[0-9a-f]{64}\n")
        .containsPattern("\ndistributionTarSha256Sum=[0-9a-f]{64}\n");
    assertThat(Files.readString(Path.of("mvnw"))).contains("distributionTarSha256Sum");
  }
}
