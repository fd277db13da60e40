package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JavaWordsTests {

  private final TidyRule calls = TidyRule.named("no Java code calls");
  private final TidyRule later = TidyRule.named("no Java file puts work off");
  private final TidyRule names = TidyRule.named("no type name says");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Thread.sleep(1);",
        "java.lang.Thread.sleep(1);",
        "java.util.concurrent.TimeUnit.SECONDS.sleep(1);",
        "Runnable r = Thread::sleep;",
        "Object t = Instant.now();",
        "Object t = java.time.Instant.now();",
        "Supplier<Instant> t = Instant::now;",
        "Object t = LocalDateTime.now();",
        "long t = System.currentTimeMillis();",
        "LongSupplier t = System::currentTimeMillis;",
        "System.out.println();",
        "Consumer<String> c = System.out::println;",
        "System.err.flush();",
        "e.printStackTrace();",
        "Consumer<Exception> c = Exception::printStackTrace;",
        "Object r = new Random();",
        "Object r = new java.util.Random();",
        "Supplier<Random> r = Random::new;",
        "double d = Math.random();",
        "DoubleSupplier d = Math::random;",
      })
  void seesABannedCall(String call) {
    assertThat(calls.offences(statement(call)))
        .singleElement()
        .asString()
        .startsWith("src/main/java/dev/nebulastore/kv/A.java:3 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import static java.lang.Thread.sleep;\n\nclass A {}\n",
        "import static java.lang.System.out;\n\nclass A {}\n",
        "import static java.time.Instant.now;\n\nclass A {}\n",
        "@Disabled\nclass A {}\n",
        "class A {\n  @org.junit.jupiter.api.Disabled(\"flaky\")\n  void a() {}\n}\n",
      })
  void seesABannedImportOrAnnotation(String source) {
    assertThat(calls.offences(SourceFile.java(source))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Object t = clock.instant();",
        "Object t = Instant.now(clock);",
        "Object r = new Random(42);",
        "long t = System.nanoTime();",
        "String s = \"Thread.sleep(1)\"; // nor does Thread.sleep(1) run here",
      })
  void letsOtherCallsPass(String call) {
    assertThat(calls.offences(statement(call))).isEmpty();
  }

  @Test
  void seesWorkPutOffInAComment() {
    assertThat(later.offences(SourceFile.java("class A {\n  // TODO: more\n}\n")))
        .containsExactly("src/main/java/dev/nebulastore/kv/A.java:2 // TODO: more");
    assertThat(later.offences(SourceFile.java("class A {\n  /* a\n   FIXME */\n}\n"))).hasSize(1);
  }

  @Test
  void takesAStringForNoComment() {
    assertThat(later.offences(statement("String s = \"TODO\";"))).isEmpty();
    assertThat(later.offences(statement("String s = \"\"\"\n  TODO\n\"\"\";"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "StoreImpl",
        "ShardManager",
        "KeyHelper",
        "KeyUtil",
        "Utils",
        "HelperOfKeys",
        "AbstractStore",
      })
  void seesAnEmptyName(String name) {
    assertThat(names.offences(SourceFile.java("class " + name + " {}\n"))).hasSize(1);
    assertThat(names.offences(SourceFile.java("class A { enum " + name + " {} }\n"))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Implication", "Utilization", "Abstraction", "Management", "TheAbstract"})
  void letsOtherNamesPass(String name) {
    assertThat(names.offences(SourceFile.java("interface " + name + " {}\n"))).isEmpty();
  }

  private static SourceFile statement(String statement) {
    return SourceFile.java("class A {\n  void a() {\n    " + statement + "\n  }\n}\n");
  }
}
