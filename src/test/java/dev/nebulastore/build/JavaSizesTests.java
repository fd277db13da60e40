package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JavaSizesTests {

  private final TidyRule file = TidyRule.named("a Java file has at most");
  private final TidyRule method = TidyRule.named("a method has at most");

  @Test
  void countsTheLinesOfAFile() {
    assertThat(file.offences(SourceFile.java("class A {" + "\n".repeat(399) + "}\n"))).isEmpty();
    assertThat(file.offences(SourceFile.java("class A {" + "\n".repeat(400) + "}\n")))
        .containsExactly("src/main/java/dev/nebulastore/kv/A.java has 401 lines");
  }

  @Test
  void countsTheLinesOfAMethod() {
    assertThat(method.offences(body("void a()", 70))).isEmpty();
    assertThat(method.offences(body("void a()", 71)))
        .containsExactly("src/main/java/dev/nebulastore/kv/A.java:2 a has 71 lines");
  }

  @Test
  void countsTheLinesOfAConstructor() {
    assertThat(method.offences(body("A()", 70))).isEmpty();
    assertThat(method.offences(body("A()", 71))).hasSize(1);
  }

  @Test
  void leavesOutCommentAndAnnotations() {
    String table = "/**\n *\n */\n@Cases(\"\"\"\n" + "a, b\n".repeat(70) + "\"\"\")\n";
    assertThat(method.offences(body(table + "void a()", 70))).isEmpty();
    assertThat(method.offences(body(table + "void a()", 71))).hasSize(1);
  }

  private static SourceFile body(String head, int lines) {
    return SourceFile.java("class A {\n" + head + " {" + "\n".repeat(lines - 1) + "}\n}\n");
  }
}
