import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Values that identify the write that made them, and of which every byte can be checked. */
final class Values {

  static final int RADIX = 36;

  private static final Pattern ETAG = Pattern.compile("\"etag\":\"\\\\\"([0-9a-z]+)\\\\\"\"");

  private Values() {}

  /** The value of this write of this key, of about this size. */
  static byte[] of(String key, long sequence, int size) {
    byte[] head = (key + " " + sequence + " " + size + " ").getBytes(StandardCharsets.US_ASCII);
    byte[] value = Arrays.copyOf(head, Math.max(head.length, size));
    long state = sequence * 0x9E3779B97F4A7C15L + key.hashCode();
    for (int i = head.length; i < value.length; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      value[i] = (byte) (state >>> 56);
    }
    return value;
  }

  /** The number of the write that made these bytes, or 0 if none did. */
  static long sequence(String key, byte[] value) {
    String head =
        new String(value, 0, Math.min(value.length, key.length() + 40), StandardCharsets.US_ASCII);
    String[] words = head.split(" ", 4);
    if (words.length < 4
        || !words[0].equals(key)
        || !words[1].matches("\\d{1,18}")
        || !words[2].matches("\\d{1,9}")) {
      return 0;
    }
    long sequence = Long.parseLong(words[1]);
    return Arrays.equals(value, of(key, sequence, Integer.parseInt(words[2]))) ? sequence : 0;
  }

  /** The numbers in the entity tags of the results of a transaction. */
  static List<Long> revisions(byte[] outcome) {
    return ETAG.matcher(new String(outcome, StandardCharsets.UTF_8))
        .results()
        .map(tag -> revision(tag.group(1)))
        .toList();
  }

  /** The number in an entity tag; 0 for none. Clients must not decode it, but this test may. */
  static long revision(String etag) {
    return etag.isEmpty() ? 0 : Long.parseLong(etag, RADIX);
  }
}
