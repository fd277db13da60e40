package dev.nebulastore;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A shell that keeps its variables and jobs from command to command, like a terminal.
 *
 * <p>Threads: confined to the thread of the test.
 */
final class Shell implements AutoCloseable {

  private static final String END = "--- end of the command ---";

  private final Process bash;
  private final Writer in;
  private final BufferedReader out;

  /** Starts in this folder, whose curl configuration disables the progress meter. */
  Shell(Path folder) throws IOException {
    Files.writeString(folder.resolve(".curlrc"), "no-progress-meter\nmax-time = 30\n");
    ProcessBuilder builder =
        new ProcessBuilder("timeout", "120", "bash", "--norc")
            .directory(folder.toFile())
            .redirectErrorStream(true);
    builder.environment().put("CURL_HOME", folder.toString());
    bash = builder.start();
    in = bash.outputWriter(StandardCharsets.UTF_8);
    out = new BufferedReader(new InputStreamReader(bash.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Whether this program is installed. */
  static boolean has(String program) throws IOException {
    try {
      return new ProcessBuilder(program, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Runs a command and returns its output. */
  String run(String command) throws IOException {
    in.write("{ " + command + "\n} 2>&1\nprintf '\\n" + END + "\\n'\n");
    in.flush();
    StringBuilder printed = new StringBuilder();
    for (String line = out.readLine(); !END.equals(line); line = out.readLine()) {
      if (line == null) {
        throw new IOException("The shell ended in: " + command);
      }
      printed.append(line).append('\n');
    }
    return printed.toString();
  }

  @Override
  public void close() throws IOException {
    in.close();
    try {
      if (!bash.waitFor(10, TimeUnit.SECONDS)) {
        bash.destroyForcibly();
      }
    } catch (InterruptedException e) {
      bash.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
