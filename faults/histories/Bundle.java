import dev.nebulastore.history.Act;
import dev.nebulastore.history.Transcript.Touch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A transaction over keys of a group. It first reads each of its keys, also if its condition fails,
 * so that the response shows the previous state.
 *
 * @param keys of the transaction
 * @param expected the version of each key that is a condition, 0 for none, or {@code ANYTHING}
 * @param makes the value that is written to each key, 0 for none, or {@code KEEP}
 */
record Bundle(String what, Group group, int[] keys, long[] expected, long[] makes) {

  private static final Pattern STATUS = Pattern.compile("\"status\":(\\d+)");
  private static final Pattern VALUE = Pattern.compile("\"value\":\"([1-9]\\d{0,17})\"");

  /** The result of one operation. */
  private record Result(int status, long version, long value) {}

  /** A transaction that reads all keys. */
  static Bundle reading(Group group) {
    int[] keys = IntStream.range(0, Group.KEYS).toArray();
    return new Bundle("read all", group, keys, all(Act.ANYTHING), all(Act.KEEP));
  }

  private static long[] all(long value) {
    return IntStream.range(0, Group.KEYS).mapToLong(_ -> value).toArray();
  }

  /** A transaction of any kind. */
  static Bundle some(Group group, SplittableRandom random, Counts counts) {
    int[] two = random.ints(0, Group.KEYS).distinct().limit(2).toArray();
    int[] three = random.ints(0, Group.KEYS).distinct().limit(Group.KEYS).toArray();
    long first = group.version(two[0]);
    return switch (random.nextInt(6)) {
      case 0, 1 -> reading(group);
      case 2 -> new Bundle("put all", group, three, all(Act.ANYTHING), values(Group.KEYS, counts));
      case 3 ->
          new Bundle(
              "put two if one is as known",
              group,
              two,
              new long[] {first, Act.ANYTHING},
              values(2, counts));
      case 4 ->
          new Bundle(
              "put one, delete one",
              group,
              two,
              new long[] {Act.ANYTHING, Act.ANYTHING},
              new long[] {counts.nextValue(), Act.ABSENT});
      default ->
          new Bundle("move", group, two, new long[] {first, 0}, new long[] {0, counts.nextValue()});
    };
  }

  private static long[] values(int count, Counts counts) {
    return IntStream.range(0, count).mapToLong(_ -> counts.nextValue()).toArray();
  }

  /** The body of the request. */
  String body() {
    List<String> conditions = new ArrayList<>();
    List<String> reads = new ArrayList<>();
    List<String> all = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      String key = "\"key\":\"" + group.key(keys[i]) + "\"";
      if (expected[i] == 0) {
        conditions.add("{" + key + ",\"exists\":false}");
      } else if (expected[i] > 0) {
        String etag = Long.toString(expected[i], Values.RADIX);
        conditions.add("{" + key + ",\"etag\":\"\\\"" + etag + "\\\"\"}");
      }
      reads.add("{\"op\":\"get\"," + key + "}");
      if (makes[i] == 0) {
        all.add("{\"op\":\"delete\"," + key + "}");
      } else if (makes[i] > 0) {
        all.add("{\"op\":\"put\"," + key + ",\"value\":\"" + makes[i] + "\"}");
      }
    }
    all.addAll(0, reads);
    return "{\"if\":%s,\"then\":%s,\"else\":%s}".formatted(conditions, all, reads);
  }

  /** The possible effect if there is no response; nothing if it only reads. */
  List<Touch> unanswered() {
    List<Touch> touches = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      if (makes[i] != Act.KEEP) {
        touches.add(new Touch(keys[i], expected[i], 0, makes[i], 0));
      }
    }
    return touches;
  }

  /** The content of its response. */
  List<Touch> answered(byte[] answer) {
    String text = new String(answer, StandardCharsets.UTF_8);
    boolean succeeded = text.startsWith("{\"succeeded\":true");
    List<Result> results = results(text);
    List<Touch> touches = new ArrayList<>();
    int next = keys.length;
    boolean met = true;
    for (int i = 0; i < keys.length; i++) {
      Result found = results.get(i);
      met &= expected[i] == Act.ANYTHING || expected[i] == found.version;
      long made = 0;
      if (succeeded && makes[i] != Act.KEEP) {
        made = results.get(next++).version;
      }
      long makesHere = succeeded ? makes[i] : Act.KEEP;
      boolean strange = found.status == 200 && found.value == 0;
      long version = strange ? Act.PHANTOM : found.version;
      touches.add(new Touch(keys[i], version, found.value, makesHere, made));
      group.guess(keys[i], makesHere == Act.KEEP ? found.version : made);
    }
    if (met != succeeded) {
      touches.set(0, new Touch(keys[0], Act.PHANTOM, 0, touches.getFirst().makes(), 0));
    }
    return touches;
  }

  /** The objects in the list of results. None of the values here contains a brace. */
  private static List<Result> results(String text) {
    List<Result> results = new ArrayList<>();
    int depth = 0;
    int opened = 0;
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '{' && ++depth == 2) {
        opened = i;
      } else if (text.charAt(i) == '}' && depth-- == 2) {
        results.add(result(text.substring(opened, i + 1)));
      }
    }
    return results;
  }

  private static Result result(String object) {
    Matcher status = STATUS.matcher(object);
    Matcher value = VALUE.matcher(object);
    List<Long> versions = Values.revisions(object.getBytes(StandardCharsets.UTF_8));
    return new Result(
        status.find() ? Integer.parseInt(status.group(1)) : 0,
        versions.isEmpty() ? 0 : versions.getFirst(),
        value.find() ? Long.parseLong(value.group(1)) : 0);
  }
}
