package dev.nebulastore.history;

import dev.nebulastore.history.Transcript.Request;
import dev.nebulastore.history.Transcript.Touch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Generates a short history: requests with random starts and ends, each executed at a moment in
 * between by a store that may have a bug.
 *
 * <p>Threads: confined to one thread.
 */
final class RandomStore {

  /** The bug of the store, which occurs occasionally. */
  enum Bug {
    NONE,
    STALE_READ,
    LOST_WRITE,
    CONDITION_IGNORED,
    RESURRECTED,
    HALF_TRANSACTION,
    DONE_TWICE,
    DONE_EARLY,
    VERSION_BACK
  }

  private static final int KEYS = 2;
  private static final long SPAN = 100;

  /** A future request: what it asks for, and when it is executed. */
  private record Plan(Kind kind, int key, long value, long called, long done, long returned) {}

  private enum Kind {
    GET,
    PUT,
    CREATE,
    SWAP,
    DELETE,
    READ_ALL,
    MOVE,
    PUT_ALL
  }

  /** The content of a key: its value and version, or zeros. */
  private record Held(long value, long version) {}

  private final Random random;
  private final Bug bug;
  private final List<List<Held>> past = new ArrayList<>();
  private long version;

  private RandomStore(Random random, Bug bug) {
    this.random = random;
    this.bug = bug;
    for (int key = 0; key < KEYS; key++) {
      past.add(new ArrayList<>(List.of(new Held(0, 0))));
    }
  }

  static List<Request> history(Random random, Bug bug, int length) {
    return new RandomStore(random, bug).run(length);
  }

  private List<Request> run(int length) {
    List<Plan> plans = new ArrayList<>();
    for (int i = 1; i <= length; i++) {
      long called = random.nextLong(SPAN);
      long done = called + random.nextLong(15);
      boolean unknown = random.nextInt(6) == 0;
      if (bug == Bug.DONE_EARLY && bites()) {
        done = Math.max(0, called - 20);
      } else if (unknown) {
        done += random.nextInt(3) == 0 ? 1_000 : random.nextLong(60);
      }
      long returned = unknown ? Linearizability.NEVER : Math.max(done, called) + random.nextLong(8);
      Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
      plans.add(new Plan(kind, random.nextInt(KEYS), i * 10L, called, done, returned));
      if (bug == Bug.DONE_TWICE && bites()) {
        plans.add(new Plan(kind, plans.getLast().key, -i * 10L, called, done + 20, returned));
      }
    }
    plans.sort(Comparator.comparingLong(Plan::done));
    List<Request> history = new ArrayList<>();
    for (Plan plan : plans) {
      Request request = carryOut(plan);
      if (plan.value > 0 && !request.touches().isEmpty()) {
        history.add(request);
      }
    }
    return history;
  }

  private boolean bites() {
    return random.nextInt(4) == 0;
  }

  private Request carryOut(Plan plan) {
    boolean unknown = plan.returned == Linearizability.NEVER;
    boolean happens = plan.done < SPAN + 200;
    List<Touch> touches =
        switch (plan.kind) {
          case GET -> unknown ? List.<Touch>of() : List.of(get(plan.key));
          case PUT, CREATE, SWAP, DELETE -> List.of(write(plan, unknown, happens));
          case READ_ALL -> unknown ? List.<Touch>of() : List.of(get(0), get(1));
          case PUT_ALL -> putAll(plan, unknown, happens);
          case MOVE -> move(plan, unknown, happens);
        };
    return new Request(
        plan.kind + " " + plan.key + " " + plan.value, plan.called, plan.returned, touches);
  }

  private Held now(int key) {
    return past.get(key).getLast();
  }

  private Touch get(int key) {
    Held held = now(key);
    if (bug == Bug.STALE_READ && bites()) {
      List<Held> all = past.get(key);
      held = all.get(random.nextInt(all.size()));
    }
    return new Touch(key, held.version, held.value, Act.KEEP, 0);
  }

  /** Writes a value, or deletes it; returns its version. */
  private long leave(int key, long value) {
    long next = value == 0 ? 0 : ++version;
    if (value > 0 && bug == Bug.VERSION_BACK && bites() && version > 4) {
      next = version - 3;
    }
    if (bug == Bug.LOST_WRITE && bites()) {
      return next;
    }
    past.get(key).add(new Held(value, next));
    if (value == 0 && bug == Bug.RESURRECTED && bites()) {
      past.get(key).add(past.get(key).get(past.get(key).size() - 2));
    }
    return next;
  }

  private Touch write(Plan plan, boolean unknown, boolean happens) {
    int key = plan.key;
    Held held = now(key);
    long value = Math.abs(plan.value);
    long wanted =
        switch (plan.kind) {
          case CREATE -> Act.ABSENT;
          case SWAP ->
              held.version == 0 || random.nextInt(4) == 0 ? someVersion(key) : held.version;
          default -> Act.ANYTHING;
        };
    boolean ignored = bug == Bug.CONDITION_IGNORED && bites();
    boolean passes = wanted == Act.ANYTHING || wanted == held.version || ignored;
    long makes = plan.kind == Kind.DELETE ? Act.ABSENT : value;
    if (unknown) {
      if (happens && passes) {
        leave(key, makes);
      }
      return new Touch(key, wanted, 0, makes, 0);
    }
    if (!passes) {
      return new Touch(key, held.version, 0, Act.KEEP, 0);
    }
    if (plan.kind == Kind.PUT) {
      wanted = held.version == 0 ? Act.ABSENT : Act.PRESENT;
    }
    return new Touch(key, wanted, 0, makes, leave(key, makes));
  }

  private long someVersion(int key) {
    List<Held> all = past.get(key);
    return Math.max(1, all.get(random.nextInt(all.size())).version);
  }

  private List<Touch> putAll(Plan plan, boolean unknown, boolean happens) {
    List<Touch> touches = new ArrayList<>();
    boolean half = bug == Bug.HALF_TRANSACTION && bites();
    for (int key = 0; key < KEYS; key++) {
      Touch seen = get(key);
      long value = Math.abs(plan.value) + 1 + key;
      long made = happens && !(half && key == 1) ? leave(key, value) : 0;
      touches.add(
          unknown
              ? new Touch(key, Act.ANYTHING, 0, value, 0)
              : new Touch(key, seen.version(), seen.value(), value, made));
    }
    return touches;
  }

  /** Moves the content of one key to the other if that is absent. */
  private List<Touch> move(Plan plan, boolean unknown, boolean happens) {
    int to = 1 - plan.key;
    Touch from = get(plan.key);
    Touch target = get(to);
    long value = Math.abs(plan.value) + 1;
    if (from.version() == 0) {
      return unknown ? List.of() : List.of(from, target);
    }
    boolean passes = target.version() == 0;
    if (!passes && !unknown) {
      return List.of(from, target);
    }
    boolean half = bug == Bug.HALF_TRANSACTION && bites();
    long made = passes && happens ? leave(to, value) : 0;
    if (passes && happens && !half) {
      leave(plan.key, 0);
    }
    return List.of(
        new Touch(plan.key, from.version(), unknown ? 0 : from.value(), Act.ABSENT, 0),
        new Touch(to, Act.ABSENT, 0, value, unknown ? 0 : made));
  }
}
