package dev.nebulastore.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packaged server in a process of its own, on a free port of the loopback interface and with
 * the memory engine. It ends when it is closed, or with the JVM of the tests.
 *
 * <p>Threads: safe for use by multiple threads.
 */
final class TestServer implements AutoCloseable {

  private static final Pattern ADDRESS = Pattern.compile("http://localhost:(\\d+)/");

  private final Process process;
  private final Thread hook;
  private final String url;

  private TestServer(Process process, Thread hook, String url) {
    this.process = process;
    this.hook = hook;
    this.url = url;
  }

  /** Starts the server and waits until it serves requests. */
  static TestServer start() {
    Path jar = Path.of(System.getProperty("server.jar", ""));
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException("no server at " + jar + ": run ./mvnw package first");
    }
    try {
      Path log = Files.createTempFile("nebulastore-", ".log");
      log.toFile().deleteOnExit();
      Process process =
          new ProcessBuilder(
                  java(),
                  "-Xmx128m",
                  "-jar",
                  jar.toString(),
                  "--server.address=127.0.0.1",
                  "--server.port=0",
                  "--nebula.storage.engine=memory")
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Thread hook = new Thread(process::destroyForcibly);
      Runtime.getRuntime().addShutdownHook(hook);
      return new TestServer(process, hook, "http://127.0.0.1:" + port(process, log));
    } catch (IOException e) {
      throw new UncheckedIOException("the server can't be started", e);
    }
  }

  String url() {
    return url;
  }

  @Override
  public void close() {
    boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
    process.destroyForcibly();
  }

  /** The JVM of the tests, unless it is too old for the server. */
  private static String java() {
    String java = System.getProperty("server.java", "");
    return java.isEmpty()
        ? Path.of(System.getProperty("java.home"), "bin", "java").toString()
        : java;
  }

  /** The port that the server logs when it is ready. */
  private static String port(Process process, Path log) throws IOException {
    for (int look = 0; look < 1_200; look++) {
      Matcher address = ADDRESS.matcher(Files.readString(log));
      if (address.find()) {
        return address.group(1);
      }
      if (ended(process)) {
        break;
      }
    }
    process.destroyForcibly();
    throw new IllegalStateException("the server did not start:\n" + Files.readString(log));
  }

  /** Whether the process has ended; waits a little for that. */
  private static boolean ended(Process process) {
    try {
      return process.waitFor(100, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
