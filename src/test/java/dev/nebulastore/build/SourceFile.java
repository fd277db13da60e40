package dev.nebulastore.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;

/**
 * A file of the repository: its path from the root, with slashes, and its text, which is empty for
 * binary files.
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

  /** A short Java file in the package {@code kv}; the package declaration is on its first line. */
  static SourceFile java(String source) {
    return new SourceFile(
        "src/main/java/dev/nebulastore/kv/A.java", "package dev.nebulastore.kv; " + source);
  }

  List<String> lines() {
    return text.lines().toList();
  }

  /** The folder of the file; empty for the root. */
  String folder() {
    return path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
  }

  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  JavaFileObject forCompiler() {
    return new SimpleJavaFileObject(URI.create("string:///" + path), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }

  /** A zero byte marks a binary file, as in git. */
  private static boolean isBinary(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }
}
