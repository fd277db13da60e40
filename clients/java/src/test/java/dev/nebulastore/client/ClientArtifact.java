package dev.nebulastore.client;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What a program gets when it depends on the client: the packaged jar, and the jars it needs. */
final class ClientArtifact {

  private ClientArtifact() {}

  static Path jar() {
    return Path.of(property("client.jar"));
  }

  static String version() {
    return property("client.version");
  }

  /** The page of the documentation about the client. */
  static String page() {
    return read(Path.of(property("client.page")));
  }

  /** The dependencies at run time, without the client itself. */
  static List<Path> dependencies() {
    String path = read(Path.of(property("client.runtime"))).strip();
    return Arrays.stream(path.split(File.pathSeparator)).map(Path::of).toList();
  }

  /** The class path of a program that uses the client. */
  static String classPath() {
    return jar() + File.pathSeparator + String.join(File.pathSeparator, names());
  }

  private static List<String> names() {
    return dependencies().stream().map(Path::toString).toList();
  }

  private static String property(String name) {
    String value = System.getProperty(name);
    if (value == null) {
      throw new IllegalStateException(name + " is not set: run ./mvnw -f clients/pom.xml verify");
    }
    return value;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be read", e);
    }
  }
}
