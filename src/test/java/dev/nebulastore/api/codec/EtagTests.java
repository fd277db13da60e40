package dev.nebulastore.api.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Revision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EtagTests {

  @Test
  void tagsAreStrongAndParsedBack() {
    Random random = new Random(7);
    LongStream.concat(LongStream.of(1, 9, 10, 35, 36, 37, Long.MAX_VALUE), random.longs(10_000))
        .map(number -> Math.max(1, number & Long.MAX_VALUE))
        .mapToObj(Revision::new)
        .forEach(revision -> {
          String tag = Etag.of(revision);
          assertThat(tag).matches("\"[0-9a-z]+\"");
          assertThat(strong(tag)).isEqualTo(of(revision));
        });
  }

  @Test
  void noHeaderMeansNoCondition() {
    assertThat(strong()).isNull();
    assertThat(weak()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", " *", "* ", "\t*\t"})
  void starMeansAnyVersion(String star) {
    assertThat(strong(star)).isEqualTo(Versions.Any.ANY);
    assertThat(weak(star)).isEqualTo(Versions.Any.ANY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"1\" | 1 | 1",
        "W/\"1\" | W1 | 1",
        "\"1\",\"2\" | 1 2 | 1 2",
        "\"1\" , W/\"2\" | 1 W2 | 1 2",
        ",,\"1\",,\"2\", | 1 2 | 1 2",
        "\"1\",\"1\" | 1 | 1",
        "\"*\" | - | -",
        "\"\" | - | -",
        "\"01\" | - | -",
        "\"+1\" | - | -",
        "\"-1\" | - | -",
        "\"0\" | - | -",
        "\"A\" | - | -",
        "\"a\" | 10 | 10",
        "\"1,2\" | - | -",
        "\"W/\", \"2\" | 2 | 2",
        "\"a'b\\\", \"2\" | 2 | 2",
        "\"é\", \"2\" | 2 | 2",
        "\"zzzzzzzzzzzzzzzzzzzz\", \"2\" | 2 | 2",
        "\"1y2p0ij32e8e8\" | - | -"
      })
  void listsAreParsed(String list, String ifStrong, String ifWeak) {
    assertThat(strong(list)).isEqualTo(revisions(ifStrong));
    assertThat(weak(list)).isEqualTo(revisions(ifWeak));
  }

  @Test
  void severalLinesAreOneList() {
    assertThat(strong("\"1\"", "\"2\", \"3\"", "W/\"4\"")).isEqualTo(revisions("1 2 3 W4"));
    assertThat(weak("\"1\"", "", "W/\"4\"")).isEqualTo(revisions("1 4"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ",",
        "a",
        "1",
        "\"",
        "\"1",
        "1\"",
        "'1'",
        "\"1\"\"2\"",
        "\"1\" \"2\"",
        "\"1\" 2",
        "W/",
        "W",
        "w/\"1\"",
        "W/ \"1\"",
        "W/*",
        "*, \"1\"",
        "\"1\", *",
        "**",
        "*,",
        "\"1 2\"",
        "\"1\t2\"",
        "\"\u007f\"",
        "\"1\";\"2\"",
        "\u00a0\"1\""
      })
  void malformedListsAreRefused(String list) {
    refused(list);
    refused("\"1\"", list.matches("[ ,]*") ? "x" : list);
  }

  @Test
  void starAmongLinesIsRefused() {
    refused("*", "*");
    refused("*", "\"1\"");
    refused("\"1\"", "*");
  }

  @RepeatedTest(20)
  void parsesAnyWellFormedList(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    for (int i = 0; i < 500; i++) {
      Set<Revision> all = new HashSet<>();
      Set<Revision> strong = new HashSet<>();
      Set<Revision> weak = new HashSet<>();
      List<String> lines = new ArrayList<>();
      for (int line = 1 + random.nextInt(3); line > 0; line--) {
        List<String> members = new ArrayList<>();
        for (int member = 1 + random.nextInt(5); member > 0; member--) {
          Revision revision = new Revision(1 + random.nextInt(1_000_000));
          boolean isWeak = random.nextBoolean();
          members.add((isWeak ? "W/" : "") + Etag.of(revision));
          members.add(random.nextBoolean() ? "" : "\"" + "~".repeat(random.nextInt(3)) + "\"");
          all.add(revision);
          (isWeak ? weak : strong).add(revision);
        }
        lines.add(String.join(random.nextBoolean() ? "," : " ,\t", members));
      }
      String[] values = lines.toArray(String[]::new);
      assertThat(strong(values)).as("%s", lines).isEqualTo(new Versions.OneOf(strong, weak));
      assertThat(weak(values)).as("%s", lines).isEqualTo(new Versions.OneOf(all));
    }
  }

  @RepeatedTest(20)
  void agreesWithTheGrammarOnAnyText(RepetitionInfo repetition) {
    Random random = new Random(-repetition.getCurrentRepetition());
    String letters = "\"\"\"\"W/, \t*a1\\é";
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(12); length > 0; length--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      String tag = "(W/)?\"[\\x21\\x23-\\x7e\\x80-\\xff]*\"";
      String ows = "[ \\t]*";
      String list = ows + "(,OWS)*TAG(OWS,(OWSTAG)?)*OWS";
      String grammar = list.replace("OWS", ows).replace("TAG", tag) + "|" + ows + "\\*" + ows;
      boolean accepted = true;
      try {
        weak(text.toString());
      } catch (ApiException e) {
        accepted = false;
      }
      assertThat(accepted).as("%s", text).isEqualTo(text.toString().matches(grammar));
    }
  }

  private static void refused(String... values) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> strong(values))
        .extracting(ApiException::problem)
        .isEqualTo(Problem.INVALID_CONDITION);
    assertThatExceptionOfType(ApiException.class).isThrownBy(() -> weak(values));
  }

  private static @Nullable Versions strong(String... values) {
    return Etag.parse("If-Match", Collections.enumeration(List.of(values)), false);
  }

  private static @Nullable Versions weak(String... values) {
    return Etag.parse("If-None-Match", Collections.enumeration(List.of(values)), true);
  }

  private static Versions of(Revision revision) {
    return new Versions.OneOf(Set.of(revision));
  }

  /** Numbers separated by spaces, those of weak tags with a W; a hyphen stands for none. */
  private static Versions revisions(String numbers) {
    Set<Revision> revisions = new HashSet<>();
    Set<Revision> weak = new HashSet<>();
    for (String number : numbers.equals("-") ? new String[0] : numbers.split(" ")) {
      (number.startsWith("W") ? weak : revisions)
          .add(new Revision(Long.parseLong(number.replace("W", ""))));
    }
    return new Versions.OneOf(revisions, weak);
  }
}
