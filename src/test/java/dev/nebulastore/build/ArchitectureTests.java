package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.nebulastore.NebulaStoreApplication;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the architecture rules. {@link WallsTests} shows that each of them can fail. */
class ArchitectureTests {

  private static final Path CLASSES = classes();
  static final JavaClasses HOUSE = new ClassFileImporter().importPath(CLASSES);

  static List<ArchRule> rules() {
    return Walls.rules();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void theCodeFollowsTheRule(ArchRule rule) {
    rule.check(HOUSE);
  }

  /** ArchUnit skips class files that are too new for it. */
  @Test
  void everyClassFileIsRead() throws IOException {
    try (Stream<Path> files = Files.walk(CLASSES)) {
      List<Path> classFiles = files.filter(file -> file.toString().endsWith(".class")).toList();
      assertThat(HOUSE).isNotEmpty().hasSameSizeAs(classFiles);
    }
  }

  private static Path classes() {
    try {
      return Path.of(
          NebulaStoreApplication.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
