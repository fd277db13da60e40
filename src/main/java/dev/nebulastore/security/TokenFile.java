package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.security.Token.Credential;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file with the tokens: UTF-8, a {@link TokenLine} each, at most {@value #MAX_BYTES} bytes and
 * {@value #MAX_LINES} lines. A byte order mark and line ends of Windows are accepted. A symbolic
 * link is followed, as Kubernetes mounts a secret behind two of them.
 *
 * <p>The file is refused if other users have any access to it, or its group may write it. Its group
 * may read it: Kubernetes mounts a secret for a user who is not root with the mode 0440 and the
 * group of {@code fsGroup}. Where the file system knows no such permissions, as on Windows, they
 * are not checked, and a line of the log says so.
 *
 * <p>Threads: immutable.
 */
final class TokenFile implements TokenSource {

  static final int MAX_BYTES = 1 << 20;
  static final int MAX_LINES = 10_000;

  /** One that is in use, and one that replaces it. */
  private static final int MAX_TOKENS_OF_AN_ID = 2;

  private static final Set<PosixFilePermission> REFUSED =
      EnumSet.of(
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private static final Logger log = LoggerFactory.getLogger(TokenFile.class);

  /** What changes with the content of a file, or with who may read it. */
  private record Version(
      FileTime modified,
      long size,
      @Nullable Object key,
      @Nullable Set<PosixFilePermission> permissions) {}

  private final Path path;
  private final boolean hasPermissions;

  TokenFile(Path path) {
    this.path = path;
    this.hasPermissions = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (!hasPermissions) {
      log.info(
          "The file system has no permissions, so {} is not checked for who can read it", path);
    }
  }

  @Override
  public Optional<Object> version() {
    try {
      BasicFileAttributes file = attributes();
      return Optional.of(
          new Version(file.lastModifiedTime(), file.size(), file.fileKey(), permissions(file)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<Token> read() throws UnusableTokenFile {
    try {
      refuseIfAccessible(attributes());
      try (InputStream in = Files.newInputStream(path)) {
        return parse(in.readNBytes(MAX_BYTES + 1));
      }
    } catch (IOException e) {
      throw new UnusableTokenFile(reason(e));
    }
  }

  /** The tokens in the bytes of a file. */
  static List<Token> parse(byte[] content) throws UnusableTokenFile {
    if (content.length > MAX_BYTES) {
      throw new UnusableTokenFile("has more than " + MAX_BYTES + " bytes");
    }
    List<Token> tokens = new ArrayList<>();
    Map<Credential, Integer> lines = new HashMap<>();
    Map<String, Integer> tokensOfId = new HashMap<>();
    Iterator<String> text = text(content).lines().iterator();
    for (int number = 1; text.hasNext(); number++) {
      if (number > MAX_LINES) {
        throw new UnusableTokenFile("has more than " + MAX_LINES + " lines");
      }
      Optional<Token> parsed = TokenLine.parse(number, text.next());
      if (parsed.isEmpty()) {
        continue;
      }
      Token token = parsed.get();
      Integer other = lines.putIfAbsent(token.credential(), number);
      if (other != null) {
        throw UnusableTokenFile.inLine(number, isThatOf(token.credential(), other));
      }
      if (tokensOfId.merge(token.id(), 1, Integer::sum) > MAX_TOKENS_OF_AN_ID) {
        throw UnusableTokenFile.inLine(
            number,
            "it is a third token of \"%s\"; an id has at most two, so that one can replace the"
                    .formatted(token.id())
                + " other");
      }
      tokens.add(token);
    }
    return List.copyOf(tokens);
  }

  private static String isThatOf(Credential credential, int line) {
    return switch (credential) {
      case Credential.Secret _ ->
          "its hash is that of line " + line + "; each line must have another token";
      case Credential.Certificate _ ->
          "its subject is that of line " + line + "; each line must have another certificate";
    };
  }

  private static String text(byte[] content) throws UnusableTokenFile {
    ByteBuffer bytes = ByteBuffer.wrap(content);
    CharBuffer text = CharBuffer.allocate(content.length);
    if (UTF_8.newDecoder().decode(bytes, text, true).isError()) {
      int number = 1;
      for (int i = 0; i < bytes.position(); i++) {
        number += content[i] == '\n' ? 1 : 0;
      }
      throw UnusableTokenFile.inLine(number, "it is not UTF-8; save the file with this encoding");
    }
    String decoded = text.flip().toString();
    return decoded.startsWith("\uFEFF") ? decoded.substring(1) : decoded;
  }

  private BasicFileAttributes attributes() throws IOException {
    Class<? extends BasicFileAttributes> kind =
        hasPermissions ? PosixFileAttributes.class : BasicFileAttributes.class;
    return Files.readAttributes(path, kind);
  }

  private static @Nullable Set<PosixFilePermission> permissions(BasicFileAttributes file) {
    return file instanceof PosixFileAttributes posix ? posix.permissions() : null;
  }

  private void refuseIfAccessible(BasicFileAttributes file) throws UnusableTokenFile {
    // Reading a pipe would wait, and could not be repeated.
    if (!file.isRegularFile()) {
      throw new UnusableTokenFile("is not a regular file");
    }
    Set<PosixFilePermission> permissions = permissions(file);
    if (permissions != null && permissions.stream().anyMatch(REFUSED::contains)) {
      throw new UnusableTokenFile(
          ("has the mode %s, but other users must have no access to it, and its group may at most"
                  + " read it; run \"chmod 600 %s\", or mount a secret with the mode 0400")
              .formatted(PosixFilePermissions.toString(permissions), path));
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "does not exist";
      case AccessDeniedException _ -> "can't be read: the user of this server has no access to it";
      case FileSystemException failure ->
          "can't be read: "
              + Objects.requireNonNullElse(failure.getReason(), failure.getClass().getSimpleName());
      default -> "can't be read: " + e.getMessage();
    };
  }

  /** The path. */
  @Override
  public String toString() {
    return path.toString();
  }
}
