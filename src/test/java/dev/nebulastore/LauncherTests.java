package dev.nebulastore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an older Java says. */
class LauncherTests {

  private static final int JAVA_17 = 61;

  @Test
  void olderJavaLoadsTheLauncher() throws IOException {
    try (var in =
        new DataInputStream(
            Objects.requireNonNull(Launcher.class.getResourceAsStream("Launcher.class")))) {
      assertThat(in.readInt()).isEqualTo(0xcafebabe);
      assertThat(in.readUnsignedShort()).isZero();
      assertThat(in.readUnsignedShort()).isLessThanOrEqualTo(JAVA_17);
    }
  }

  @ParameterizedTest
  @CsvSource({"17, true", "21, true", "24, true", "25, false", "26, false"})
  void onlyOlderJavaIsRefused(int feature, boolean refused) {
    assertThat(Launcher.isTooOld(feature)).isEqualTo(refused);
  }

  @Test
  void refusalIsOneLineThatNamesBothVersions() {
    assertThat(Launcher.refusal("17.0.15", "/usr/lib/jvm/java-17"))
        .startsWith("NebulaStore needs Java 25, and this is Java 17.0.15 in /usr/lib/jvm/java-17.")
        .doesNotContain("\n");
  }
}
