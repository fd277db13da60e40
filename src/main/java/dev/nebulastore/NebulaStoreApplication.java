package dev.nebulastore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.security.TokenCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.Properties;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The application. Each room has its own configuration. */
@SpringBootApplication
public class NebulaStoreApplication {

  private static final String USAGE =
      """
      Usage: java -jar nebulastore.jar [--<setting>=<value>]...    starts the server
             java -jar nebulastore.jar token new --role=<role>     creates a token
             java -jar nebulastore.jar --help | --version

      Some settings, with their defaults. They can also be environment variables, such as
      NEBULA_STORAGE_DIRECTORY, or be in a file application.yaml in the current directory:

        --server.port=8080                    the port
        --server.address=127.0.0.1            the address; 0.0.0.0 for all of this machine
        --nebula.storage.engine=rocksdb       rocksdb keeps entries on disk, memory does not
        --nebula.storage.directory=./data     where they are kept
        --nebula.security.tokens-file=<file>  the tokens of those who may use the server

      docs/settings.md describes all settings. A running server describes its API at
      /swagger-ui.html. For the options of token: java -jar nebulastore.jar token --help
      """;

  private static final String SETTINGS =
      "A setting begins with two hyphens and contains its value, as in --server.port=9090."
          + " --help tells more.";

  private static final int DONE = 0;
  private static final int NOT_PRINTED = 1;
  private static final int MISUSED = 2;

  /**
   * Starts NebulaStore, or does something else that the arguments ask for. docs/settings.md
   * describes all settings.
   */
  public static void main(String[] args) {
    OptionalInt exit =
        command(List.of(args), stream(FileDescriptor.out), stream(FileDescriptor.err));
    if (exit.isPresent()) {
      System.exit(exit.getAsInt());
    }
    SpringApplication.run(NebulaStoreApplication.class, args);
  }

  /**
   * Does without Spring what the arguments ask for, and returns the exit code; empty if they start
   * the server. An empty argument is what an unset variable leaves.
   */
  static OptionalInt command(List<String> args, PrintStream out, PrintStream err) {
    List<String> given = args.stream().filter(arg -> !arg.isBlank()).toList();
    if (!given.isEmpty() && given.getFirst().equals(TokenCommand.NAME)) {
      return OptionalInt.of(
          new TokenCommand(out, err, new SecureRandom(), InstantSource.system())
              .run(given.subList(1, given.size())));
    }
    if (given.contains("--help")) {
      return printed(USAGE, out);
    }
    if (given.contains("--version")) {
      return printed(version(), out);
    }
    // Spring Boot ignores them without a word.
    List<String> others = given.stream().filter(arg -> !arg.startsWith("--")).toList();
    if (others.isEmpty()) {
      return OptionalInt.empty();
    }
    err.println(refusal(others.getFirst()));
    return OptionalInt.of(MISUSED);
  }

  private static String refusal(String arg) {
    if (arg.startsWith("-D") || arg.startsWith("-X")) {
      return "\"%s\" is an option of Java, which has to be in front of -jar.".formatted(arg);
    }
    return "There is no command \"%s\"; the commands are: %s. %s"
        .formatted(arg, TokenCommand.NAME, SETTINGS);
  }

  private static OptionalInt printed(String text, PrintStream out) {
    out.print(text);
    return OptionalInt.of(out.checkError() ? NOT_PRINTED : DONE);
  }

  /** The version of the build, its commit if that is known, and the version of Java. */
  private static String version() {
    String commit = fact("/git.properties", "git.commit.id.abbrev");
    return "NebulaStore %s%s, Java %s%n"
        .formatted(
            fact("/META-INF/build-info.properties", "build.version"),
            commit.isEmpty() ? "" : " (" + commit + ")",
            Runtime.version());
  }

  /** A line of a file that the build has made; empty if it was built without. */
  private static String fact(String file, String name) {
    Properties facts = new Properties();
    try (InputStream in = NebulaStoreApplication.class.getResourceAsStream(file)) {
      if (in != null) {
        facts.load(in);
      }
    } catch (IOException e) {
      return "";
    }
    return facts.getProperty(name, "");
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, UTF_8);
  }
}
