package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.audit.KeyHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file of an audit log, as a test reads it.
 *
 * <p>Threads: confined to the thread of a test.
 */
final class AuditLines {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> PARTS =
      List.of("event", "caller", "method", "path", "key", "prefix", "operation", "kind", "status");

  private final Path file;

  private AuditLines(Path file) {
    this.file = file;
  }

  /** A file that exists until the process ends. */
  static AuditLines make() {
    try {
      Path file = Files.createTempFile("audit", ".jsonl");
      file.toFile().deleteOnExit();
      return new AuditLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path file() {
    return file;
  }

  String text() {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> all() {
    return text().lines().toList();
  }

  /**
   * What each line tells that was written while something was done.
   *
   * @param act what is done, until so many lines must have been queued
   * @param mark does something else, whose line is known; before, since earlier lines may still be
   *     queued, and after
   */
  List<String> during(int lines, Runnable act, Runnable mark) {
    int before = sizeAfter(mark);
    act.run();
    await().atMost(SOON).until(() -> all().size() >= before + lines);
    int after = sizeAfter(mark);
    return all().subList(before, after - 1).stream().map(AuditLines::brief).toList();
  }

  private int sizeAfter(Runnable mark) {
    long marks = marks();
    mark.run();
    await().atMost(SOON).until(() -> marks() == marks + 1);
    return all().size();
  }

  private long marks() {
    return all().stream().filter(line -> line.contains("/last")).count();
  }

  /** The parts of a line that do not differ from run to run. */
  static String brief(String line) {
    JsonNode json = JSON.readTree(line);
    return PARTS.stream()
        .filter(json::has)
        .map(name -> name.equals("caller") ? json.path(name).asString() + ":" : shown(json, name))
        .collect(Collectors.joining(" "));
  }

  private static String shown(JsonNode json, String name) {
    return Stream.of("key", "prefix").anyMatch(name::equals)
        ? json.path(name).asString().substring(0, 8)
        : json.path(name).asString();
  }

  /** The beginning of the hash of a key. */
  static String hash(String key) {
    return KeyHash.of(key.getBytes(UTF_8)).substring(0, 8);
  }
}
