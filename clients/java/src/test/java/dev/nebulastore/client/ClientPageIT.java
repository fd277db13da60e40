package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Java blocks of docs/client.md compile for Java 17 without a warning, against the packaged
 * client and its dependencies alone, and print what their comments say. The dependency that the
 * page shows is this one.
 */
@ServerTest
class ClientPageIT {

  private static final Pattern PROGRAM = Pattern.compile("public class (\\w+)");
  private static final Pattern PRINTED = Pattern.compile("println\\(.*\\); // (.*)");

  private final TestServer server;

  @TempDir private Path folder;

  ClientPageIT(TestServer server) {
    this.server = server;
  }

  private static List<String> blocks(String language) {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(ClientArtifact.page())
        .results()
        .map((MatchResult block) -> block.group(1))
        .toList();
  }

  @Test
  void javaBlocksCompileAndPrintWhatTheySay() throws Exception {
    List<String> blocks = blocks("java");
    assertThat(blocks).hasSizeGreaterThan(5);
    List<String> names = IntStream.range(0, blocks.size()).mapToObj(i -> name(i, blocks)).toList();
    for (int i = 0; i < blocks.size(); i++) {
      String text = blocks.get(i).replace("http://localhost:8080", server.url());
      write(names.get(i), isProgram(text) ? text : program(names.get(i), text));
    }
    write("Page", calls(names));

    compile();

    assertThat(run()).containsSubsequence(expected(blocks));
  }

  @Test
  void theDependencyIsThisClient() {
    assertThat(blocks("xml"))
        .singleElement()
        .asString()
        .isEqualTo(
            """
            <dependency>
              <groupId>dev.nebulastore</groupId>
              <artifactId>nebulastore-client</artifactId>
              <version>%s</version>
            </dependency>
            """
                .formatted(ClientArtifact.version()));
  }

  private static boolean isProgram(String block) {
    return PROGRAM.matcher(block).find();
  }

  private static String name(int index, List<String> blocks) {
    var program = PROGRAM.matcher(blocks.get(index));
    return program.find() ? program.group(1) : "Block" + (index + 1);
  }

  /** A program around an example that uses {@code store}. */
  private String program(String name, String block) {
    return """
    import dev.nebulastore.client.*;
    import dev.nebulastore.client.Transaction.Check;
    import java.time.*;
    import java.util.*;
    import java.util.concurrent.*;
    import java.util.stream.*;

    public class %s {
      public static void main(String[] args) {
        NebulaStore store = NebulaStore.at("%s");
    %s
      }
    }
    """
        .formatted(name, server.url(), block);
  }

  /** A program that calls all others, so that one JVM is enough. */
  private static String calls(List<String> names) {
    var calls = new StringBuilder();
    names.forEach(name -> calls.append("    ").append(name).append(".main(args);\n"));
    return """
    public class Page {
      public static void main(String[] args) {
    %s
      }
    }
    """
        .formatted(calls);
  }

  private static List<String> expected(List<String> blocks) {
    return PRINTED
        .matcher(String.join("\n", blocks))
        .results()
        .map((MatchResult line) -> line.group(1))
        .toList();
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name + ".java"), text);
  }

  private void compile() throws IOException {
    List<String> options =
        new ArrayList<>(List.of("--release", "17", "-Xlint:all,-classfile", "-Werror", "-d"));
    options.add(folder.toString());
    options.addAll(List.of("-cp", ClientArtifact.classPath()));
    try (var files = Files.list(folder)) {
      files.map(Path::toString).forEach(options::add);
    }
    Path log = folder.resolve("compiler.log");
    int status;
    try (var out = Files.newOutputStream(log)) {
      status =
          ToolProvider.getSystemJavaCompiler().run(null, out, out, options.toArray(String[]::new));
    }
    assertThat(status).as(Files.readString(log)).isZero();
  }

  private List<String> run() throws IOException, InterruptedException {
    String path = folder + System.getProperty("path.separator") + ClientArtifact.classPath();
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                path,
                "Page")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the examples end").isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
      return Files.readAllLines(output);
    } finally {
      process.destroyForcibly();
    }
  }
}
