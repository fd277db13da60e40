package dev.nebulastore.api.error;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/**
 * The pages that the {@code type} of a problem points to. Their links are relative, so that they
 * hold behind any prefix.
 *
 * <p>Threads: immutable.
 */
@RestController
final class ProblemPages {

  private final Problems problems;

  ProblemPages(Problems problems) {
    this.problems = problems;
  }

  /** Lists all kinds of problems. */
  @GetMapping("/problems")
  void all(HttpServletResponse response) throws IOException {
    String list =
        Arrays.stream(Problem.values())
            .map(problem ->
                "<li><a href=\"problems/%1$s\">%1$s</a> (%2$d): %3$s</li>"
                    .formatted(problem.code(), problem.status(), text(problem.title())))
            .collect(Collectors.joining("\n"));
    send(response, "Problems", "<h1>Problems</h1>\n<ul>\n" + list + "\n</ul>");
  }

  /** Describes one kind: what it means and what to do. */
  @GetMapping("/problems/{code}")
  void one(@PathVariable String code, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Optional<Problem> known = Problem.ofCode(code);
    if (known.isEmpty()) {
      problems.write(
          request,
          response,
          Problem.NOT_FOUND,
          Refusal.Facts.of("There is no problem with this code. /problems lists all."));
      return;
    }
    Problem problem = known.get();
    send(
        response,
        problem.title(),
        """
        <h1>%s</h1>
        <p><code>%s</code>, status %d</p>
        <h2>What it means</h2>
        <p>%s</p>
        <h2>What to do</h2>
        <p>%s</p>
        <p><a href="../problems">All problems</a></p>\
        """
            .formatted(
                text(problem.title()),
                problem.code(),
                problem.status(),
                text(problem.meaning()),
                text(problem.remedy())));
  }

  private static void send(HttpServletResponse response, String title, String body)
      throws IOException {
    String page =
        """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>%s</title>
        <style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}</style>
        </head>
        <body>
        %s
        </body>
        </html>
        """
            .formatted(text(title), body);
    response.setContentType("text/html;charset=utf-8");
    response.getOutputStream().write(page.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(String plain) {
    return HtmlUtils.htmlEscape(plain);
  }
}
