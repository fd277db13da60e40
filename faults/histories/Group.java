import dev.nebulastore.history.Act;
import dev.nebulastore.history.Registers;
import dev.nebulastore.history.Transcript;
import dev.nebulastore.history.Transcript.Request;
import dev.nebulastore.history.Verdict;
import dev.nebulastore.history.VersionOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Keys for which all clients compete for a while, and which are written together only with each
 * other, so that their history can be checked separately.
 *
 * <p>Threads: shared by all clients; checked when they have finished with it.
 */
final class Group {

  static final int KEYS = 3;

  private static final int REQUESTS = 120;
  private static final int BOUND = 500_000;

  final String name;
  private final AtomicInteger left = new AtomicInteger(REQUESTS);
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final AtomicLongArray versions = new AtomicLongArray(KEYS);

  Group(String name) {
    this.name = name;
  }

  String key(int key) {
    return name + "-" + key;
  }

  /** Whether another request may be made. */
  boolean take() {
    return left.getAndDecrement() > 0;
  }

  void record(Request request) {
    requests.add(request);
  }

  /** The latest known version, or 0: a guess. */
  long version(int key) {
    return versions.get(key);
  }

  void guess(int key, long version) {
    versions.set(key, version);
  }

  /** The result of the checkers. */
  record Findings(Verdict search, Verdict order) {}

  Findings check() {
    List<Act> acts = Transcript.acts(List.copyOf(requests));
    return new Findings(
        Registers.decide(acts, KEYS, BOUND), VersionOrder.decide(acts, KEYS, BOUND / 50));
  }

  /** All requests in the order of their calls, as text. */
  String told() {
    List<Request> all = new ArrayList<>(requests);
    all.sort(Comparator.comparingLong(Request::called));
    long first = all.isEmpty() ? 0 : all.getFirst().called();
    StringBuilder text = new StringBuilder("history of " + name + ", in microseconds:\n");
    for (Request request : all) {
      boolean known = request.returned() != Long.MAX_VALUE;
      text.append(
          "  %9d to %9s %s %s%n"
              .formatted(
                  (request.called() - first) / 1_000,
                  known ? String.valueOf((request.returned() - first) / 1_000) : "?",
                  request.what(),
                  request.touches()));
    }
    return text.toString();
  }
}
