package dev.nebulastore.storage.rocksdb.directory;

import dev.nebulastore.storage.StartRefused;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Refuses directories that Java and RocksDB would name differently. Java encodes a path as the
 * locale says, and RocksDB gets it in modified UTF-8, which agree on ASCII. What the locale can't
 * decode, of an argument or a variable, has become a question mark or U+FFFD.
 *
 * <p>Threads: immutable.
 */
final class PathNames {

  private static final char LOST = '\ufffd';

  private PathNames() {}

  /**
   * Checks a directory in the encoding of this process.
   *
   * @param setting the setting that chooses it
   * @throws StartRefused if it can't be named
   */
  static void require(Path directory, String setting) {
    require(
        directory.toString(),
        setting,
        Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"), StandardCharsets.UTF_8));
  }

  static void require(String directory, String setting, Charset encoding) {
    boolean utf8 = encoding.equals(StandardCharsets.UTF_8);
    boolean lost = directory.indexOf(LOST) >= 0 || (!utf8 && directory.indexOf('?') >= 0);
    if (lost || (!utf8 && directory.chars().anyMatch(c -> c > '~'))) {
      throw new StartRefused(
          "The directory %s can't be named in the character encoding of this process, %s. Set the"
                  .formatted(directory, encoding)
              + " environment variable LC_ALL to C.UTF-8, or choose a "
              + setting
              + " of ASCII characters.");
    }
    if (directory.chars().anyMatch(c -> Character.isSurrogate((char) c))) {
      throw new StartRefused(
          "The directory %s can't be named to RocksDB, because of characters such as emojis."
                  .formatted(directory)
              + " Choose another "
              + setting
              + ".");
    }
  }
}
