package dev.nebulastore.build;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Commands in documents must be in a {@code console} block, which {@code DocsTests} runs. */
final class MarkdownCommands {

  static final List<TidyRule> RULES =
      List.of(
          new TidyRule(
              "each curl in a document is run by a test, or has a reason why it is not",
              "a command that no test runs becomes wrong unnoticed; DocsTests runs the consoles of"
                  + " README and docs, and <!-- not run: why --> before a block is a reason",
              sources -> sources.ending(".md").flatMap(MarkdownCommands::unrun),
              new SourceFile("docs/a.md", "```sh\ncurl localhost:8080/kv/a\n```\n")));

  /** A reason before the block, its indentation and fence, its info string, and its content. */
  private static final Pattern BLOCK =
      Pattern.compile(
          "(?ms)(^<!-- not run: [^>]+ -->\\R)?^([ \\t]*)(```+|~~~+)([^\\r\\n]*)\\R(.*?)^["
              + " \\t]*\\3");

  private static final Pattern COMMAND = Pattern.compile("(?m)^[ \\t>]*(\\$ |(.*[ (;|])?curl )");
  private static final Pattern INLINE =
      Pattern.compile("`[^`\\n]*\\bcurl [^`\\n]*(localhost|http)");

  private MarkdownCommands() {}

  private static Stream<String> unrun(SourceFile file) {
    Matcher block = BLOCK.matcher(file.text());
    Stream.Builder<String> offences = Stream.builder();
    StringBuilder prose = new StringBuilder();
    int end = 0;
    while (block.find()) {
      prose.append(file.text(), end, block.start());
      prose.append("\n".repeat((int) block.group().chars().filter(c -> c == '\n').count()));
      end = block.end();
      boolean run = isRun(file, block);
      if (!run && block.group(1) == null && COMMAND.matcher(block.group(5)).find()) {
        offences.add(file.path() + ":" + line(file.text(), block.start(2)));
      }
    }
    prose.append(file.text(), end, file.text().length());
    INLINE
        .matcher(prose)
        .results()
        .forEach(inline -> offences.add(file.path() + ":" + line(prose, inline.start())));
    return offences.build();
  }

  /** DocsTests runs only blocks that are not indented, on these pages. */
  private static boolean isRun(SourceFile file, Matcher block) {
    boolean page = file.path().equals("README.md") || file.path().startsWith("docs/");
    return page
        && block.group(1) == null
        && block.group(2).isEmpty()
        && block.group(3).equals("```")
        && block.group(4).equals("console");
  }

  private static int line(CharSequence text, int at) {
    return 1 + (int) text.subSequence(0, at).chars().filter(c -> c == '\n').count();
  }
}
