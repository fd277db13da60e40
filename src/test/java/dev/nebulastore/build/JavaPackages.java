package dev.nebulastore.build;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Each package has a description in its {@code package-info.java}. */
final class JavaPackages {

  static final List<TidyRule> RULES =
      List.of(
          new TidyRule(
              "each package has a @NullMarked package-info.java",
              "NullAway does not check a package without it, and any value may be null",
              JavaPackages::unmarked,
              SourceFile.java("class A {}")),
          new TidyRule(
              "each package says in a sentence what it is for",
              "a package with a single purpose can be described in one sentence",
              JavaPackages::silent,
              new SourceFile(
                  "src/main/java/dev/nebulastore/kv/package-info.java",
                  "@NullMarked package dev.nebulastore.kv;")));

  private JavaPackages() {}

  private static Stream<String> unmarked(SourceTree sources) {
    List<JavaUnit> units = JavaUnit.in(sources).toList();
    Set<String> marked =
        units.stream()
            .filter(JavaPackages::describesPackage)
            .filter(JavaPackages::isNullMarked)
            .map(JavaUnit::packageName)
            .collect(Collectors.toSet());
    return units.stream()
        .filter(unit -> !unit.packageName().isEmpty() && !marked.contains(unit.packageName()))
        .map(unit -> unit.file().folder() + " (package " + unit.packageName() + ")")
        .distinct();
  }

  /**
   * The class of the root package describes it, and the package under test describes a test
   * package.
   */
  private static Stream<String> silent(SourceTree sources) {
    return JavaUnit.in(sources)
        .filter(JavaPackages::describesPackage)
        .filter(unit -> !unit.packageName().equals(Room.HOUSE))
        .filter(unit -> !("/" + unit.file().path()).contains("/src/test/"))
        .filter(unit -> !isSentence(unit.packageComment()))
        .map(unit -> unit.file().path());
  }

  private static boolean describesPackage(JavaUnit unit) {
    return unit.file().name().equals("package-info.java");
  }

  private static boolean isNullMarked(JavaUnit unit) {
    return unit.tree().getPackageAnnotations().stream()
        .anyMatch(annotation -> annotation.getAnnotationType().toString().endsWith("NullMarked"));
  }

  private static boolean isSentence(@Nullable String comment) {
    return comment != null && comment.strip().matches("(?s)\\w.*\\s.*\\.");
  }
}
