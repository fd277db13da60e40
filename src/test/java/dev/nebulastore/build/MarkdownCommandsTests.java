package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkdownCommandsTests {

  private final TidyRule rule = TidyRule.named("each curl");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "```console\n$ curl localhost:8080/kv/a\n```\n",
        "```sh\n./mvnw verify\n```\n",
        "```\ndocker run nebulastore\n```\n",
        "```json\n{\"price\":\"5 $\"}\n```\n",
        "<!-- not run: it takes a cluster -->\n```sh\ncurl localhost:8080/kv/a\n```\n",
        "They need `curl`, or another client such as `curl 8`.\n"
      })
  void letsThroughWhatIsRunOrNoCommandOfOurs(String text) {
    assertThat(rule.offences(new SourceFile("docs/a.md", text))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "```sh\ncurl localhost:8080/kv/a\n```\n",
        "```\n$ curl localhost:8080/kv/a\n```\n",
        "~~~console\n$ curl localhost:8080/kv/a\n~~~\n",
        "  ```console\n  $ curl localhost:8080/kv/a\n  ```\n",
        "```console once\n$ curl localhost:8080/kv/a\n```\n",
        "```bash\nETAG=$(curl -sI localhost:8080/kv/a)\n```\n",
        "```bash\nwhile true; do curl localhost:8080/kv/a; done\n```\n",
        "<!-- a note -->\n```sh\ncurl localhost:8080/kv/a\n```\n",
        "Ask with `curl localhost:8080/kv/a` for it.\n"
      })
  void seesACommandThatIsNotRun(String text) {
    assertThat(rule.offences(new SourceFile("docs/a.md", text))).hasSize(1);
  }

  @Test
  void nothingIsRunOutsideOfReadmeAndDocs() {
    String text = "```console\n$ curl localhost:8080/kv/a\n```\n";
    assertThat(rule.offences(new SourceFile("README.md", text))).isEmpty();
    assertThat(rule.offences(new SourceFile("bench/README.md", text))).hasSize(1);
  }

  @Test
  void saysWhere() {
    String text = "a\n\n```console\n$ ls\n```\n\nb\n\n```sh\ncurl x\n```\n\n`curl http://x`\n";
    assertThat(rule.offences(new SourceFile("docs/a.md", text)))
        .containsExactly("docs/a.md:13", "docs/a.md:9");
  }
}
