import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The groups for which the clients compete: a few at a time, each replaced after enough requests,
 * and all that were used since the last check.
 *
 * <p>Threads: shared by all.
 */
final class Groups {

  private static final int AT_ONCE = Integer.getInteger("groups", 5);

  private final long seed;
  private final Group[] current = new Group[AT_ONCE];
  private final List<Group> used = new ArrayList<>();
  private long made;

  Groups(long seed) {
    this.seed = seed;
    startAfresh();
  }

  /** One of the current groups, with a request that may be made. */
  synchronized Group some(SplittableRandom random) {
    int index = random.nextInt(AT_ONCE);
    if (!current[index].take()) {
      current[index] = fresh();
      current[index].take();
    }
    return current[index];
  }

  /** Returns the groups so far, and starts new ones. */
  synchronized List<Group> startAfresh() {
    List<Group> before = List.copyOf(used);
    used.clear();
    for (int i = 0; i < AT_ONCE; i++) {
      current[i] = fresh();
    }
    return before;
  }

  private Group fresh() {
    Group group = new Group("s" + seed + "-g" + ++made);
    used.add(group);
    return group;
  }
}
