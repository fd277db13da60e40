package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A file of tokens for a test, and the tokens themselves.
 *
 * <p>Threads: confined to the thread of a test.
 */
final class TestTokens {

  private final Path file;
  private final List<String> lines = new ArrayList<>();

  private TestTokens(Path file) {
    this.file = file;
  }

  /** A file without tokens, which exists until the process ends. */
  static TestTokens make() {
    try {
      Path file = Files.createTempFile("tokens", ".txt");
      file.toFile().deleteOnExit();
      return new TestTokens(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path file() {
    return file;
  }

  /** A token of this id. */
  static String of(String id) {
    return "nst_" + id + "_" + "A".repeat(43 - id.length()) + id.replace('-', 'x');
  }

  /** The header by which a token is sent. */
  static String header(String id) {
    return "Authorization: Bearer " + of(id);
  }

  /** Adds a token with these members of its line, such as {@code roles=read prefix=a/}. */
  TestTokens with(String id, String members) {
    return with(id, of(id), members);
  }

  /** Adds a token of an id that may have another one. */
  TestTokens with(String id, String token, String members) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(US_ASCII));
      lines.add(id + " " + HexFormat.of().formatHex(hash) + " " + members);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    return write();
  }

  /** Adds a line as it is. */
  TestTokens withLine(String line) {
    lines.add(line);
    return write();
  }

  /** Removes all tokens of an id. */
  TestTokens without(String id) {
    lines.removeIf(line -> line.startsWith(id + " "));
    return write();
  }

  /** Removes the token of an id that was added first. */
  TestTokens withoutFirst(String id) {
    lines.remove(
        lines.stream().filter(line -> line.startsWith(id + " ")).findFirst().orElseThrow());
    return write();
  }

  private TestTokens write() {
    replace(String.join("\n", lines) + "\n");
    return this;
  }

  /** Replaces the file at once, as a secret that is mounted is replaced. */
  void replace(String content) {
    try {
      Path next =
          Files.createTempFile(
              file.toAbsolutePath().getParent(),
              "tokens",
              ".next",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(next, content);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the tokens again, after {@link #replace}. */
  void restore() {
    write();
  }
}
