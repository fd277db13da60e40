import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * The counts of all writers, and the file to which each violation of a promise is written.
 *
 * <p>Threads: shared by all.
 */
final class Tally {

  private static final long TOLD = 200;

  final LongAdder operations = new LongAdder();
  final LongAdder acknowledged = new LongAdder();
  final LongAdder unknown = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder cut = new LongAdder();
  final LongAdder unsaid = new LongAdder();
  final LongAdder lost = new LongAdder();
  final LongAdder ghosts = new LongAdder();
  final LongAdder wrong = new LongAdder();
  final LongAdder back = new LongAdder();

  private final Map<String, LongAdder> seen = new ConcurrentHashMap<>();
  private final Map<String, Long> greatest = new ConcurrentHashMap<>();
  private final Path breaches;
  private volatile String lastCut = "";

  Tally(Path breaches) {
    this.breaches = breaches;
  }

  /** Counts a kind of response, such as {@code write-503}. */
  void see(String kind) {
    seen.computeIfAbsent(kind, _ -> new LongAdder()).increment();
  }

  /** Records how a request failed without a response; the last failure is reported. */
  void sawCut(String how) {
    lastCut = how;
  }

  long seen(String kind) {
    LongAdder count = seen.get(kind);
    return count == null ? 0 : count.sum();
  }

  /** Resets the counts of responses. */
  void mark() {
    seen.clear();
  }

  /** The greatest revision that any key of this shard has had. */
  long greatest(String shard) {
    return greatest.getOrDefault(shard, 0L);
  }

  void raise(String shard, long revision) {
    greatest.merge(shard, revision, Math::max);
  }

  void forgetRevisions() {
    greatest.clear();
  }

  /** Counts a violation and writes its details to the file, up to a limit. */
  synchronized void breach(LongAdder kind, String text) {
    kind.increment();
    if (breaches() <= TOLD) {
      try {
        Files.writeString(
            breaches, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Forgets the violations so far. */
  void forgive() {
    lost.reset();
    ghosts.reset();
    wrong.reset();
    back.reset();
  }

  long breaches() {
    return lost.sum() + ghosts.sum() + wrong.sum() + back.sum();
  }

  String marked() {
    return seen.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(" ", "", seen("cut") == 0 ? "" : "; cut: " + lastCut));
  }

  String figures() {
    return ("operations=%d acknowledged=%d unknown=%d refused=%d cut=%d unsaid=%d"
            + " lost=%d ghosts=%d wrong=%d back=%d")
        .formatted(
            operations.sum(),
            acknowledged.sum(),
            unknown.sum(),
            refused.sum(),
            cut.sum(),
            unsaid.sum(),
            lost.sum(),
            ghosts.sum(),
            wrong.sum(),
            back.sum());
  }
}
