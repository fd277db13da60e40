package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the files of the repository against each {@link TidyRule}. */
class TidyTests {

  private static final SourceTree TREE = SourceTree.here();

  static List<TidyRule> rules() {
    return TidyRule.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void theRepositoryIsTidy(TidyRule rule) {
    assertThat(rule.offences(TREE)).as("%s", rule).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void eachRuleCanFail(TidyRule rule) {
    assertThat(rule.offences(rule.breach())).isNotEmpty();
  }

  @Test
  void looksAtTheWholeRepository() {
    assertThat(TREE.files())
        .extracting(SourceFile::path)
        .contains("pom.xml", "src/main/java/dev/nebulastore/NebulaStoreApplication.java")
        .noneMatch(path -> path.startsWith("target/"));
  }
}
