package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** The clients have their own POM, whose versions must match those of the server. */
class PomTests {

  private static final Path SERVER = Path.of("pom.xml");
  private static final Path CLIENTS = Path.of("clients", "pom.xml");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/project/version",
        "/project/parent/version",
        "/project/properties/error-prone.version",
        "/project/properties/nullaway.version",
        "/project/properties/archunit.version",
        "//plugin[artifactId='maven-toolchains-plugin']/version",
        "//plugin[artifactId='maven-toolchains-plugin']//configuration/version",
        "//plugin[artifactId='maven-compiler-plugin']/configuration/failOnWarning",
        "//plugin[artifactId='maven-compiler-plugin']/configuration/compilerArgs/arg"
      })
  void serverAndClientsAgreeOn(String path) throws Exception {
    assertThat(values(CLIENTS, path)).isNotEmpty().isEqualTo(values(SERVER, path));
  }

  private static List<String> values(Path pom, String path) throws Exception {
    Document document =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
    NodeList found =
        (NodeList)
            XPathFactory.newInstance().newXPath().evaluate(path, document, XPathConstants.NODESET);
    return IntStream.range(0, found.getLength())
        .mapToObj(i -> found.item(i).getTextContent().strip())
        .toList();
  }
}
