package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkdownLinksTests {

  private static final SourceFile README =
      new SourceFile(
          "README.md",
          """
          # The house
          ## Two words
          ## Two words
          ## `kv`: what it's for, in [short](docs/a.md)
          ## Größe
          <a id="by-hand"></a>
          ```
          # no heading
          ```
          """);
  private static final SourceFile JAVA = SourceFile.java("class A {}\n");

  private final TidyRule rule = TidyRule.named("each relative link");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a](../README.md)",
        "[a](/README.md)",
        "[a](<../README.md> \"title\")",
        "[a](../README.md#the-house)",
        "[a](../README.md#two-words-1)",
        "[a](../README.md#kv-what-its-for-in-short)",
        "[a](../README.md#größe)",
        "[a](../README.md#gr%C3%B6%C3%9Fe)",
        "[a](../README.md#by-hand)",
        "[a](a.md)",
        "[a](../src/main)",
        "[a](../src/main/java/dev/nebulastore/kv/A.java#L1)",
        "[a](#here)\n\n# Here",
        "[![a](../README.md)](https://example.org/b.png)",
        "[a](mailto:me@example.org)",
        "[a]: ../README.md",
        "in a line `[a](b.md)` or\n```\n[a](b.md)\n```\n<!-- [a](b.md) -->",
      })
  void followsALink(String text) {
    assertThat(rule.offences(README, JAVA, new SourceFile("docs/a.md", text))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a](README.md)",
        "[a](../readme.md)",
        "[a](../README.md#the-home)",
        "[a](../README.md#two-words-2)",
        "[a](../README.md#no-heading)",
        "[a](#here)",
        "[a](../src/main/java/dev/nebulastore/kv/A.java#a)",
        "[a](../target)",
        "[a](../../elsewhere/README.md)",
        "![a](b.png)",
        "[![a](b.png)](https://example.org)",
        "[a]: b.md",
        "<img src=\"b.png\">",
        "a ` and [a](b.md)\n\nand `",
      })
  void seesADeadLink(String text) {
    assertThat(rule.offences(README, JAVA, new SourceFile("docs/a.md", text))).hasSize(1);
  }

  @Test
  void saysWhereAndWhat() {
    assertThat(rule.offences(new SourceFile("docs/a.md", "[a](b.md#c)")))
        .containsExactly("docs/a.md -> b.md#c");
  }
}
