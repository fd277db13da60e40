package dev.nebulastore.build;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A rule for the files of the repository: its name, its reason, how to find violations, and a file
 * that violates it, which shows that the rule can fail.
 */
record TidyRule(
    String name, String because, Function<SourceTree, Stream<String>> finder, SourceFile breach) {

  /** All rules. */
  static List<TidyRule> all() {
    return Stream.of(
            JavaSizes.RULES,
            JavaWords.RULES,
            JavaPackages.RULES,
            TextRules.RULES,
            MarkdownLinks.RULES,
            MarkdownCommands.RULES)
        .flatMap(List::stream)
        .toList();
  }

  /** The rule whose name starts with this text. */
  static TidyRule named(String opening) {
    return all().stream()
        .filter(rule -> rule.name().startsWith(opening))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no rule says: " + opening));
  }

  /** A line for each violation, starting with its location. */
  List<String> offences(SourceTree tree) {
    return finder.apply(tree).sorted().toList();
  }

  List<String> offences(SourceFile... files) {
    return offences(new SourceTree(Path.of(""), List.of(files)));
  }

  @Override
  public String toString() {
    return name + ", because " + because;
  }
}
