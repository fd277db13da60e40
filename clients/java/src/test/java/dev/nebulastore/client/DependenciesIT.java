package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the client's jar contains, and what it brings along. */
class DependenciesIT {

  private static final int JAVA_17 = 61;

  static List<Path> jars() {
    return Stream.concat(Stream.of(ClientArtifact.jar()), ClientArtifact.dependencies().stream())
        .toList();
  }

  @Test
  void elevenJarsAreNeeded() {
    assertThat(ClientArtifact.dependencies())
        .extracting(jar -> jar.getFileName().toString().replaceAll("-[0-9].*", ""))
        .containsExactlyInAnyOrder(
            "spring-web",
            "spring-aop",
            "spring-beans",
            "spring-core",
            "commons-logging",
            "micrometer-observation",
            "micrometer-commons",
            "jackson-databind",
            "jackson-core",
            "jackson-annotations",
            "jspecify");
  }

  @Test
  void theJarHasOnlyTheClient() throws IOException {
    try (JarFile jar = new JarFile(ClientArtifact.jar().toFile())) {
      assertThat(jar.stream().map(JarEntry::getName).filter(name -> name.endsWith(".class")))
          .contains("dev/nebulastore/client/NebulaStore.class")
          .allMatch(name -> name.startsWith("dev/nebulastore/client/"));
    }
  }

  @ParameterizedTest
  @MethodSource("jars")
  void allClassesRunOnJava17(Path file) throws IOException {
    try (JarFile jar = new JarFile(file.toFile())) {
      for (JarEntry entry : jar.stream().filter(DependenciesIT::isClass).toList()) {
        try (InputStream bytes = jar.getInputStream(entry)) {
          assertThat(version(bytes)).as(entry.getName()).isLessThanOrEqualTo(JAVA_17);
        }
      }
    }
  }

  /** Leaves out classes that only later versions of Java load. */
  private static boolean isClass(JarEntry entry) {
    return entry.getName().endsWith(".class") && !entry.getName().startsWith("META-INF/");
  }

  private static int version(InputStream bytes) throws IOException {
    var data = new DataInputStream(bytes);
    data.skipNBytes(6);
    return data.readUnsignedShort();
  }
}
