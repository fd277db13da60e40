package dev.nebulastore.build;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rules for text in any language. */
final class TextRules {

  static final List<TidyRule> RULES =
      List.of(
          new TidyRule(
              "each text file ends with a line break",
              "without it, cat joins two files in one line, and appending changes that line",
              sources ->
                  sources.files().stream()
                      .filter(file -> !file.text().isEmpty() && !file.text().endsWith("\n"))
                      .map(SourceFile::path),
              new SourceFile("a.txt", "no end")),
          new TidyRule(
              "no document names a folder of somebody's machine",
              "a command must work in the reader's clone",
              sources -> sources.ending(".md").flatMap(TextRules::machinePaths),
              new SourceFile("a.md", "cd /home/me")),
          new TidyRule(
              "no line of a document's prose is longer than 120 columns",
              "longer lines are hard to read beside the code, and their diffs are hard to review",
              sources -> sources.ending(".md").flatMap(TextRules::longLines),
              new SourceFile("a.md", "word ".repeat(25))));

  private static final int COLUMNS = 120;

  /** Lines that can't be wrapped: a row of a table, or one long URL. */
  private static final Pattern UNBROKEN = Pattern.compile("\\s*(\\|.*|\\S*)");

  private static final Pattern MACHINE_PATH =
      Pattern.compile("(?<![\\w.~/-])/(work|root|home|Users)/");

  private TextRules() {}

  private static Stream<String> longLines(SourceFile file) {
    List<String> lines = MarkdownLinks.withoutBlocks(file).lines().toList();
    return IntStream.range(0, lines.size())
        .filter(i -> isLong(lines.get(i)))
        .mapToObj(i -> file.path() + ":" + (i + 1));
  }

  private static boolean isLong(String line) {
    return line.codePointCount(0, line.length()) > COLUMNS && !UNBROKEN.matcher(line).matches();
  }

  private static Stream<String> machinePaths(SourceFile file) {
    List<String> lines = file.lines();
    return IntStream.range(0, lines.size())
        .filter(i -> MACHINE_PATH.matcher(lines.get(i)).find())
        .mapToObj(i -> file.path() + ":" + (i + 1) + " " + lines.get(i).strip());
  }
}
