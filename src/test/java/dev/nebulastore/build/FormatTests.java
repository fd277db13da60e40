package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.StringWrapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Checks that every Java file is formatted by google-java-format, imports included. It is a test
 * and not a Maven plugin, because a plugin would run in Maven's own JVM, which may be a Java 17, on
 * which the formatter does not start.
 */
class FormatTests {

  private static final String REPAIR = "./mvnw -q test -Dtest=FormatTests -Dformat=apply";
  private static final boolean APPLY = "apply".equals(System.getProperty("format"));

  private final Formatter formatter = new Formatter();

  @Test
  void everyJavaFileIsFormatted() throws IOException {
    SourceTree tree = SourceTree.here();
    List<String> unformatted = new ArrayList<>();
    for (SourceFile file : tree.ending(".java").toList()) {
      String formatted = formatOrName(file);
      if (formatted.equals(file.text())) {
        continue;
      }
      if (APPLY) {
        Files.writeString(tree.root().resolve(file.path()), formatted);
      } else {
        unformatted.add(file.path());
      }
    }
    assertThat(unformatted)
        .as("files that differ from google-java-format; to format them: %s", REPAIR)
        .isEmpty();
  }

  @Test
  void looksAtThisVeryFile() {
    assertThat(SourceTree.here().ending(".java").map(SourceFile::name))
        .contains("FormatTests.java");
  }

  @Test
  void seesWrongIndentation() throws FormatterException {
    assertThat(format("class A {\n    int a;\n}\n")).isEqualTo("class A {\n  int a;\n}\n");
  }

  @Test
  void seesUnusedImports() throws FormatterException {
    assertThat(format("import java.util.List;\n\nclass A {}\n")).isEqualTo("class A {}\n");
  }

  @Test
  void seesImportsOutOfOrder() throws FormatterException {
    String body = "\n\nclass A {\n  B b;\n  C c;\n}\n";
    assertThat(format("import p.C;\nimport p.B;" + body))
        .isEqualTo("import p.B;\nimport p.C;" + body);
  }

  @Test
  void seesStringsBeyondTheLine() throws FormatterException {
    String source = "class A {\n  String a = \"" + "word ".repeat(30) + "\";\n}\n";
    assertThat(format(source).lines()).allMatch(line -> line.length() <= 100);
  }

  private String formatOrName(SourceFile file) {
    try {
      return format(file.text());
    } catch (FormatterException e) {
      throw new AssertionError(file.path() + " can't be formatted", e);
    }
  }

  /** The same steps as the formatter's own command line by default. */
  private String format(String source) throws FormatterException {
    return StringWrapper.wrap(formatter.formatSourceAndFixImports(source), formatter);
  }
}
