package dev.nebulastore.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the clients of some keys recorded, as values and versions, and its translation for the
 * checkers. A response may contain a version without its value. Other responses then show which
 * value has it.
 *
 * <p>Threads: confined to one thread.
 */
public final class Transcript {

  /**
   * The effect of a request on one key.
   *
   * @param version that was found; 0 for nothing, {@link Act#PRESENT} for some value, {@link
   *     Act#ANYTHING} if unknown
   * @param value that was read together with the version; 0 if unknown
   * @param makes the value that was left, a unique number; 0 for a delete, {@link Act#KEEP}
   * @param made the version of that value, 0 if unknown
   */
  public record Touch(int key, long version, long value, long makes, long made) {}

  /** A request to some keys; see {@link Act}. */
  public record Request(String what, long called, long returned, List<Touch> touches) {

    /** Copies the list. */
    public Request {
      touches = List.copyOf(touches);
    }
  }

  private static final long UNTOLD = -1;

  private record At(int key, long number) {}

  private final List<Request> requests;
  private final Map<At, Long> versionOf = new HashMap<>();
  private final Map<At, Long> valueAt = new HashMap<>();
  private final Map<Integer, Integer> hidden = new HashMap<>();

  private Transcript(List<Request> requests) {
    this.requests = requests;
  }

  /** The same requests for the checkers. */
  public static List<Act> acts(List<Request> requests) {
    Transcript transcript = new Transcript(requests);
    transcript.learn();
    List<Act> acts = new ArrayList<>();
    for (Request request : requests) {
      List<Act.Step> steps = request.touches().stream().map(transcript::step).toList();
      acts.add(new Act(request.what(), request.called(), request.returned(), steps));
    }
    return acts;
  }

  /** A write without a response has the version that a reader of its value saw. */
  private void learn() {
    for (Request request : requests) {
      for (Touch touch : request.touches()) {
        if (touch.makes() > 0) {
          versionOf.put(new At(touch.key(), touch.makes()), touch.made());
        }
      }
    }
    for (Request request : requests) {
      for (Touch touch : request.touches()) {
        At value = new At(touch.key(), touch.value());
        if (touch.value() > 0 && versionOf.getOrDefault(value, UNTOLD) == 0) {
          versionOf.put(value, touch.version());
        }
      }
    }
    versionOf.forEach((value, version) -> {
      if (version == 0) {
        hidden.merge(value.key(), 1, Integer::sum);
      } else {
        valueAt.put(new At(value.key(), version), value.number());
      }
    });
  }

  private Act.Step step(Touch touch) {
    long version =
        touch.makes() > 0 ? versionOf.getOrDefault(new At(touch.key(), touch.makes()), 0L) : 0;
    return new Act.Step(touch.key(), sees(touch), touch.makes(), version);
  }

  /**
   * If a key may have had a value that nobody read, then a version alone, or the fact that it
   * existed, may refer to that value, and proves nothing here.
   */
  private long sees(Touch touch) {
    boolean mayBeHidden = hidden.containsKey(touch.key());
    if (touch.version() == Act.PRESENT) {
      return mayBeHidden ? Act.ANYTHING : Act.PRESENT;
    }
    if (touch.version() <= 0) {
      return touch.version();
    }
    if (touch.value() > 0) {
      boolean fits =
          versionOf.getOrDefault(new At(touch.key(), touch.value()), UNTOLD) == touch.version();
      return fits ? touch.value() : Act.PHANTOM;
    }
    Long value = valueAt.get(new At(touch.key(), touch.version()));
    if (value == null) {
      return mayBeHidden ? Act.ANYTHING : Act.PHANTOM;
    }
    return value;
  }
}
