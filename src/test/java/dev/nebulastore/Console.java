package dev.nebulastore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The consoles of a page: commands after {@code $}, continued on lines that start with {@code >},
 * and the output of each.
 */
final class Console {

  private static final Pattern BLOCK =
      Pattern.compile("^```console\\R(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);

  /** A command and its expected output. */
  record Step(String command, String printed) {}

  private Console() {}

  /** The pages that contain a console. */
  static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("docs"))) {
      return Stream.concat(Stream.of(Path.of("README.md")), files)
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !steps(read(file)).isEmpty())
          .sorted()
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All steps of a page in order. */
  static List<Step> steps(String page) {
    List<Step> steps = new ArrayList<>();
    Matcher block = BLOCK.matcher(page);
    while (block.find()) {
      for (String part : block.group(1).split("(?m)^\\$ ", -1)) {
        if (!part.isBlank()) {
          steps.add(step(part.lines().toList()));
        }
      }
    }
    return steps;
  }

  private static Step step(List<String> lines) {
    int command = 1;
    while (command < lines.size() && lines.get(command).startsWith("> ")) {
      command++;
    }
    return new Step(
        lines.subList(0, command).stream()
            .map(line -> line.startsWith("> ") ? line.substring(2) : line)
            .collect(Collectors.joining("\n")),
        String.join("\n", lines.subList(command, lines.size())));
  }

  /**
   * Replaces what differs from run to run: tags, ids, dates, durations, sizes of a disk, line ends.
   */
  static String masked(String text) {
    return text.replaceAll("(?i)(etag\"?: ?\"(?:\\\\\")?)[0-9a-z]+", "$1<etag>")
        .replaceAll("(version \\\\\")[0-9a-z]+", "$1<etag>")
        .replaceAll("\\b[0-9a-f]{16}-\\d+\\b", "<id>")
        .replaceAll("\\w{3}, \\d{2} \\w{3} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT", "<date>")
        .replaceAll("\\d{4}-\\d{2}-\\d{2}T\\d{2}[:-]\\d{2}[:-][0-9.]+Z", "<instant>")
        .replaceAll("((?:TimeToHeal|took)Millis\":)[0-9.]+", "$1<duration>")
        .replaceAll("(\"bytes\":)[0-9]+", "$1<bytes>")
        .replaceAll("[ \r]+(?=\n|$)", "")
        .strip();
  }
}
