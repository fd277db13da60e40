package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.DocumentationTool;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks that the Javadoc of the public API is complete, and that its examples are regions of tests
 * that are run.
 */
class JavadocTests {

  private static final Path SERVER = Path.of("src");
  private static final Path CLIENT = Path.of("clients/java/src");

  @TempDir private Path folder;

  @Test
  void linksResolveAndExamplesAreRegionsOfTests() throws IOException {
    assertThat(faults(SERVER, "dev.nebulastore.kv")).isEmpty();
    assertThat(faults(CLIENT, "dev.nebulastore.client")).isEmpty();
  }

  @Test
  void missingExamplesAreFound() throws IOException {
    Path file = folder.resolve("main/java/a/A.java");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        package a;
        /** {@snippet class="a.ATests" region="no-such-region"} */
        public class A {}
        """);
    Path test = folder.resolve("test/java/a/ATests.java");
    Files.createDirectories(test.getParent());
    Files.writeString(test, "package a; class ATests {}");
    assertThat(faults(folder, "a")).singleElement().asString().contains("no-such-region");
  }

  /** The problems that the tool reports, including warnings. */
  private List<String> faults(Path sources, String room) throws IOException {
    DocumentationTool tool = ToolProvider.getSystemDocumentationTool();
    var diagnostics = new DiagnosticCollector<JavaFileObject>();
    try (StandardJavaFileManager files = tool.getStandardFileManager(diagnostics, null, null)) {
      files.setLocationFromPaths(
          DocumentationTool.Location.DOCUMENTATION_OUTPUT,
          List.of(Files.createDirectories(folder.resolve("out"))));
      var options = new ArrayList<>(List.of("-quiet", "-Xdoclint:all,-missing"));
      options.addAll(List.of("--source-path", sources.resolve("main/java").toString()));
      options.addAll(List.of("--snippet-path", sources.resolve("test/java").toString()));
      options.addAll(List.of("-classpath", System.getProperty("java.class.path")));
      options.add("-notimestamp");
      options.add(room);
      var talk = new StringWriter();
      boolean done = tool.getTask(talk, files, diagnostics, null, options, null).call();
      List<String> faults =
          diagnostics.getDiagnostics().stream()
              .filter(fault -> fault.getKind() != Diagnostic.Kind.NOTE)
              .map(fault -> fault.getLineNumber() + ": " + fault.getMessage(Locale.ROOT))
              .toList();
      assertThat(done || !faults.isEmpty()).as("%s", talk).isTrue();
      return faults;
    }
  }
}
