package dev.nebulastore.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Links between the documents, resolved as the hosting site does. */
final class MarkdownLinks {

  static final List<TidyRule> RULES =
      List.of(
          new TidyRule(
              "each relative link of a document leads to a file and a heading that exist",
              "a dead link costs each reader a search",
              MarkdownLinks::dead,
              new SourceFile("a.md", "[a](b.md)")));

  private static final Pattern FENCE =
      Pattern.compile("(?ms)^[ \\t]*(```+|~~~+).*?(?:^[ \\t]*\\1|\\z)");

  /** Code, in a block or in a line of text, and HTML comments. */
  private static final Pattern NO_PROSE =
      Pattern.compile(FENCE.pattern() + "|(?<!`)(`+)(?!`)(?:(?!\n\n).)+?(?<!`)\\2(?!`)|<!--.*?-->");

  /**
   * The target of a link or picture in a line, then one of a reference definition, then one in
   * HTML.
   */
  private static final Pattern LINK =
      Pattern.compile(
          String.join(
              "|",
              "\\]\\(\\s*<?([^)>\\s]+)",
              "(?m:^) {0,3}\\[[^]]+]:\\s*<?([^>\\s]+)",
              "(?:href|src)=\"([^\"]+)\""));

  private static final Pattern ELSEWHERE = Pattern.compile("^([a-zA-Z][a-zA-Z0-9+.-]*:|//).*");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?)(?: +#+)? *$");
  private static final Pattern NAMED = Pattern.compile("(?:id|name)=\"([^\"]+)\"");
  private static final Pattern LINE = Pattern.compile("L\\d+(-L\\d+)?");

  private MarkdownLinks() {}

  /** A document without its code blocks; all other lines keep their numbers. */
  static String withoutBlocks(SourceFile file) {
    return FENCE
        .matcher(file.text())
        .replaceAll(block -> "\n".repeat((int) block.group().lines().count() - 1));
  }

  private static Stream<String> dead(SourceTree sources) {
    Map<String, SourceFile> files =
        sources.files().stream().collect(Collectors.toMap(SourceFile::path, file -> file));
    Set<String> folders = new HashSet<>(Set.of(""));
    for (String path : files.keySet()) {
      for (int at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
        folders.add(path.substring(0, at));
      }
    }
    return sources
        .ending(".md")
        .flatMap(file ->
            links(file)
                .filter(link -> !leadsSomewhere(link, file, files, folders))
                .map(link -> file.path() + " -> " + link));
  }

  private static Stream<String> links(SourceFile file) {
    return LINK.matcher(NO_PROSE.matcher(file.text()).replaceAll(""))
        .results()
        .map(MarkdownLinks::firstGroup)
        .filter(link -> !ELSEWHERE.matcher(link).matches());
  }

  private static boolean leadsSomewhere(
      String link, SourceFile from, Map<String, SourceFile> files, Set<String> folders) {
    String[] parts = link.split("#", 2);
    String path = target(parts[0], from);
    SourceFile file = files.get(path);
    if (parts.length == 1) {
      return file != null || folders.contains(path);
    }
    if (file == null) {
      return false;
    }
    return path.endsWith(".md")
        ? anchors(file).contains(decoded(parts[1]))
        : LINE.matcher(parts[1]).matches();
  }

  /** The path from the root; a path with a leading slash already is one. */
  private static String target(String link, SourceFile from) {
    if (link.isEmpty()) {
      return from.path();
    }
    Path path =
        link.startsWith("/")
            ? Path.of(decoded(link.substring(1)))
            : Path.of(from.folder()).resolve(decoded(link));
    return path.normalize().toString().replace('\\', '/');
  }

  /** The anchors of headings: in lower case, without punctuation, numbered if they occur again. */
  private static Set<String> anchors(SourceFile file) {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    String prose = withoutBlocks(file);
    HEADING
        .matcher(prose)
        .results()
        .map(heading -> heading.group(1).replaceAll("]\\([^)]*\\)", ""))
        .map(text -> text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", ""))
        .map(text -> text.replace(' ', '-'))
        .forEach(name -> {
          int before = seen.merge(name, 1, Integer::sum) - 1;
          anchors.add(before == 0 ? name : name + "-" + before);
        });
    NAMED.matcher(prose).results().forEach(name -> anchors.add(name.group(1)));
    return anchors;
  }

  private static String firstGroup(MatchResult match) {
    return Stream.of(1, 2, 3)
        .filter(group -> match.start(group) >= 0)
        .map(match::group)
        .findFirst()
        .orElseThrow();
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
  }
}
