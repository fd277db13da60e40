package dev.nebulastore;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/**
 * The main class of the jar, which an older Java can run, too: it says there which Java is needed,
 * where Java itself would only report the version of a class file. The build compiles it alone for
 * Java 17, as old as Spring Boot's own loader.
 */
public final class Launcher {

  private static final int NEEDED = 25;
  private static final int TOO_OLD = 1;

  private Launcher() {}

  /** Runs {@link NebulaStoreApplication}, unless Java is too old. */
  public static void main(String[] args) {
    if (isTooOld(Runtime.version().feature())) {
      new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8)
          .println(refusal(System.getProperty("java.version"), System.getProperty("java.home")));
      System.exit(TOO_OLD);
    }
    NebulaStoreApplication.main(args);
  }

  static boolean isTooOld(int feature) {
    return feature < NEEDED;
  }

  /** What is said of a Java of this version at this place. */
  static String refusal(String version, String home) {
    return "NebulaStore needs Java "
        + NEEDED
        + ", and this is Java "
        + version
        + " in "
        + home
        + ". Install Java "
        + NEEDED
        + " (https://adoptium.net) and run NebulaStore with its bin/java.";
  }
}
