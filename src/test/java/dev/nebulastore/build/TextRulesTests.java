package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextRulesTests {

  private final TidyRule ending = TidyRule.named("each text file ends");
  private final TidyRule columns = TidyRule.named("no line of a document's prose");
  private final TidyRule machine = TidyRule.named("no document names a folder");

  @Test
  void seesATextWithoutItsLastLineBreak() {
    assertThat(ending.offences(new SourceFile("a.txt", "a\nb"))).containsExactly("a.txt");
    assertThat(ending.offences(new SourceFile("a.txt", "a\nb\n"))).isEmpty();
  }

  @Test
  void seesLongLinesOfProseAlone() {
    String row = "| " + "a ".repeat(70) + "|";
    String word = "a ".repeat(60);
    assertThat(columns.offences(new SourceFile("a.md", "\n" + word + "b")))
        .containsExactly("a.md:2");
    assertThat(
            columns.offences(
                new SourceFile("a.md", word + "\n" + row + "\n```\n" + word + word + "\n```\n")))
        .isEmpty();
    assertThat(columns.offences(new SourceFile("a.md", "https://example.org/" + "a".repeat(120))))
        .isEmpty();
    assertThat(columns.offences(new SourceFile("a.md", "µ".repeat(110) + " " + "µ".repeat(9))))
        .isEmpty();
  }

  @Test
  void takesNoOffenceAtAnEmptyFile() {
    assertThat(ending.offences(new SourceFile("a.txt", ""))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/home/me/x", "see `/" + "work/x`", "(/root/x)", "cd /Users/me", "a=/root/b"})
  void seesAFolderOfAMachine(String text) {
    assertThat(machine.offences(new SourceFile("a.md", "\n" + text)))
        .containsExactly("a.md:2 " + text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://example.org/home/x", "/kv/home/x", "./" + "work/x", "/var/lib/x"})
  void letsOtherPathsPass(String text) {
    assertThat(machine.offences(new SourceFile("a.md", text))).isEmpty();
  }
}
