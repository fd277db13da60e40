package dev.nebulastore.storage.rocksdb.directory;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.storage.StartRefused;
import java.nio.charset.Charset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathNamesTests {

  private static final String SETTING = "nebula.storage.directory";

  @ParameterizedTest
  @CsvSource({
    "/data/a b~, US-ASCII",
    "/data/a b~, ISO-8859-1",
    "/data/a?, UTF-8",
    "/data/\u00fcn\u00ef, UTF-8",
    "/data/\u540d, UTF-8"
  })
  void directoryWithOneNameIsAccepted(String directory, Charset encoding) {
    assertThatCode(() -> PathNames.require(directory, SETTING, encoding))
        .doesNotThrowAnyException();
  }

  /** The locale C turns the bytes of an argument into question marks, of a variable into U+FFFD. */
  @ParameterizedTest
  @CsvSource({
    "/data/??n, US-ASCII",
    "/data/\ufffd\ufffdn, US-ASCII",
    "/data/\ufffdn, UTF-8",
    "/data/\u00fcn, US-ASCII",
    "/data/\u00fcn, ISO-8859-1"
  })
  void directoryOfAnotherEncodingIsRefused(String directory, Charset encoding) {
    assertThatThrownBy(() -> PathNames.require(directory, SETTING, encoding))
        .isInstanceOf(StartRefused.class)
        .hasMessage(
            "The directory %s can't be named in the character encoding of this process, %s."
                    .formatted(directory, encoding)
                + " Set the environment variable LC_ALL to C.UTF-8, or choose a"
                + " nebula.storage.directory of ASCII characters.");
  }

  @ParameterizedTest
  @CsvSource("/data/\ud83d\ude00, UTF-8")
  void directoryThatRocksDbCanNotNameIsRefused(String directory, Charset encoding) {
    assertThatThrownBy(() -> PathNames.require(directory, SETTING, encoding))
        .isInstanceOf(StartRefused.class)
        .hasMessageEndingWith(
            "RocksDB, because of characters such as emojis. Choose another " + SETTING + ".");
  }
}
