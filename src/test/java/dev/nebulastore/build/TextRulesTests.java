package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextRulesTests {

  private final TidyRule ending = TidyRule.named("each text file ends");
  private final TidyRule machine = TidyRule.named("no document names a folder");

  @Test
  void seesATextWithoutItsLastLineBreak() {
    assertThat(ending.offences(new SourceFile("a.txt", "a\nb"))).containsExactly("a.txt");
    assertThat(ending.offences(new SourceFile("a.txt", "a\nb\n"))).isEmpty();
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
