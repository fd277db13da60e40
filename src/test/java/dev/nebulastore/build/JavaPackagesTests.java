package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JavaPackagesTests {

  private final TidyRule marked = TidyRule.named("each package has a @NullMarked");
  private final TidyRule sentence = TidyRule.named("each package says in a sentence");

  @Test
  void seesAPackageWithoutItsInfo() {
    assertThat(marked.offences(SourceFile.java("class A {}\n")))
        .containsExactly("src/main/java/dev/nebulastore/kv (package dev.nebulastore.kv)");
  }

  @Test
  void seesAnInfoThatIsNotNullMarked() {
    SourceFile type = SourceFile.java("class A {}\n");
    assertThat(marked.offences(type, info("main", "/** Words. */"))).hasSize(1);
    assertThat(marked.offences(type, info("main", "@NullMarked"))).isEmpty();
  }

  @Test
  void takesTheInfoOfTheCodeForItsTests() {
    SourceFile test =
        new SourceFile(
            "src/test/java/dev/nebulastore/kv/ATests.java", "package dev.nebulastore.kv;");
    assertThat(marked.offences(test, info("main", "@NullMarked"))).isEmpty();
  }

  @Test
  void seesAPackageWithoutItsSentence() {
    assertThat(sentence.offences(info("main", "@NullMarked"))).hasSize(1);
    assertThat(sentence.offences(info("main", "/** Words */ @NullMarked"))).hasSize(1);
    assertThat(sentence.offences(info("main", "/** The words. */ @NullMarked"))).isEmpty();
  }

  @Test
  void asksTestsForNoSentence() {
    assertThat(sentence.offences(info("test", "@NullMarked"))).isEmpty();
  }

  private static SourceFile info(String source, String annotations) {
    return new SourceFile(
        "src/" + source + "/java/dev/nebulastore/kv/package-info.java",
        annotations + "\npackage dev.nebulastore.kv;\n");
  }
}
