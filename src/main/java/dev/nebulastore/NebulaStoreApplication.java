package dev.nebulastore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.security.TokenCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The main class. Each room has its own configuration. */
@SpringBootApplication
public class NebulaStoreApplication {

  private static final int UNKNOWN_COMMAND = 2;

  /**
   * Starts NebulaStore, or runs a command if the first argument names one. docs/settings.md
   * describes all settings.
   */
  public static void main(String[] args) {
    List<String> words = List.of(args);
    if (isCommand(words)) {
      System.exit(command(words, stream(FileDescriptor.out), stream(FileDescriptor.err)));
    }
    SpringApplication.run(NebulaStoreApplication.class, args);
  }

  /** Settings begin with hyphens. An empty argument is what an unset variable leaves. */
  static boolean isCommand(List<String> args) {
    return !args.isEmpty() && !args.getFirst().isBlank() && !args.getFirst().startsWith("-");
  }

  /** Runs a command without Spring, and returns the exit code. */
  static int command(List<String> args, PrintStream out, PrintStream err) {
    if (!args.getFirst().equals(TokenCommand.NAME)) {
      err.printf(
          "There is no command \"%s\"; the commands are: %s. Settings begin with two hyphens, as in"
              + " --server.port=9090.%n",
          args.getFirst(), TokenCommand.NAME);
      return UNKNOWN_COMMAND;
    }
    return new TokenCommand(out, err, new SecureRandom(), InstantSource.system())
        .run(args.subList(1, args.size()));
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, UTF_8);
  }
}
