package dev.nebulastore.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file of the repository: its path from the root, with slashes, and its text, empty if it is not
 * text.
 */
record SourceFile(String path, String text) {

  static SourceFile read(Path root, String path) {
    try {
      byte[] bytes = Files.readAllBytes(root.resolve(path));
      return new SourceFile(path, isBinary(bytes) ? "" : new String(bytes, UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> lines() {
    return text.lines().toList();
  }

  /** The folder that holds the file, empty for the root. */
  String folder() {
    return path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
  }

  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** A zero byte marks what is no text, as git has it. */
  private static boolean isBinary(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }
}
