package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The list of libraries that is in the jar. */
class SbomTests {

  private final JsonNode sbom;
  private final List<String> libraries = new ArrayList<>();

  SbomTests() throws IOException {
    try (var in = getClass().getResourceAsStream("/META-INF/sbom/application.cdx.json")) {
      sbom = new ObjectMapper().readTree(in);
    }
    sbom.path("components").forEach(component -> libraries.add(component.path("purl").asText()));
  }

  @Test
  void librariesInTheJarAreListed() {
    for (String name :
        new String[] {
          "org.rocksdb/rocksdbjni",
          "org.apache.tomcat.embed/tomcat-embed-core",
          "org.springframework/spring-webmvc",
          "com.dynatrace.hash4j/hash4j",
          "org.jctools/jctools-core"
        }) {
      assertThat(libraries).anyMatch(library -> library.matches("pkg:maven/" + name + "@\\d.*"));
    }
    assertThat(sbom.path("components"))
        .allSatisfy(component -> assertThat(component.path("hashes")).isNotEmpty());
  }

  @Test
  void librariesOfTheTestsAreNotListed() {
    assertThat(libraries)
        .noneMatch(library -> library.contains("/junit") || library.contains("/archunit"))
        .noneMatch(library -> library.contains("error_prone_annotations"));
  }

  /** It would differ in each build. */
  @Test
  void listHasNoTime() {
    assertThat(sbom.path("metadata").has("timestamp")).isFalse();
  }
}
