package dev.nebulastore.build;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What holds for the files of the repository, why, how to find those that break it, and a file that
 * does: a rule that can't fail can't be written.
 */
record TidyRule(
    String name, String because, Function<SourceTree, Stream<String>> finder, SourceFile breach) {

  /** All rules of the gate. */
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

  /** The rule whose name begins so. */
  static TidyRule named(String opening) {
    return all().stream()
        .filter(rule -> rule.name().startsWith(opening))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no rule says: " + opening));
  }

  /** A line for each offence, opening with the place where it is. */
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
