package dev.nebulastore.simulation;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.Applied;
import dev.nebulastore.kv.KvException.Corrupt;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.StoreUnavailable;
import dev.nebulastore.kv.Quota;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.Batch;
import dev.nebulastore.storage.Lookup;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.ShardStore.FencedException;
import dev.nebulastore.storage.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A model of the durable engine, as simple as its contract lets it be: what is submitted is queued,
 * and a disk settles it later or breaks. Each call is one step, with {@link Faults} before and
 * after it.
 *
 * <p>Threads: confined to the simulation's.
 */
final class ModelEngine extends SimulatedEngine {

  /** What one shard has, across the generations of its worker. */
  static final class ModelShard {
    final int number;
    long generation;
    Revision revision = Revision.ZERO;
    Revision lastSubmitted = Revision.ZERO;
    int unsettled;

    ModelShard(int number) {
      this.number = number;
    }
  }

  private record Member(ModelShard shard, Batch batch) {}

  private record Fetch(int shard, Key key, Consumer<Lookup> then) {}

  private final Scheduler scheduler;
  private final Faults faults;
  private final Ledger ledger;
  private final Tally tally;
  private final Set<Slip> slips;
  private final boolean settlesAtOnce;
  private final Map<Key, Entry> entries = new HashMap<>();
  private final Map<Key, Write> underWay = new HashMap<>();
  private final Map<Integer, ModelShard> shards = new HashMap<>();
  private final List<List<Member>> submitted = new ArrayList<>();
  private final List<Fetch> reads = new ArrayList<>();
  private @Nullable Thread disk;
  private @Nullable Thread reader;
  private long losses;
  private boolean broken;
  private boolean closing;

  ModelEngine(
      Scheduler scheduler,
      Faults faults,
      Ledger ledger,
      Tally tally,
      Set<Slip> slips,
      boolean settlesAtOnce) {
    this.scheduler = scheduler;
    this.faults = faults;
    this.ledger = ledger;
    this.tally = tally;
    this.slips = slips;
    this.settlesAtOnce = settlesAtOnce;
  }

  void start() {
    scheduler.start("disk", this::write);
    scheduler.start("reader", this::read);
  }

  private boolean has(Slip slip) {
    return slips.contains(slip);
  }

  private ModelShard shard(int shard) {
    return shards.computeIfAbsent(shard, ModelShard::new);
  }

  @Override
  public ShardStore open(int shard, long generation) {
    faults.amid();
    faults.whenOpened();
    ModelShard model = shard(shard);
    if (generation <= model.generation) {
      throw new IllegalArgumentException("Generation %d of shard %d".formatted(generation, shard));
    }
    model.generation = generation;
    if (has(Slip.FORGETS_THE_REVISION)) {
      model.revision = Revision.ZERO;
    }
    ModelStore store = new ModelStore(this, model, generation);
    faults.amid();
    return store;
  }

  @Override
  public void raise(int target, int source) {
    faults.amid();
    Revision least = shard(source).revision;
    if (shard(target).revision.compareTo(least) < 0 && !has(Slip.DOES_NOT_RAISE)) {
      shard(target).revision = least;
    }
    faults.amid();
  }

  @Override
  public Revision revision(int shard) {
    return shard(shard).revision;
  }

  @Override
  public Revision applied() {
    return shards.values().stream()
        .map(shard -> shard.revision)
        .max(Comparator.naturalOrder())
        .orElse(Revision.ZERO);
  }

  @Override
  public void submit(List<Part> parts) {
    faults.amid();
    take(parts);
    faults.amid();
  }

  /** Accepts or refuses, at one go. */
  void take(List<Part> parts) {
    ShardFailure refusal = broken ? unavailable(0, Applied.NO, "broken") : null;
    int before = -1;
    for (Part part : parts) {
      ModelStore store = (ModelStore) part.store();
      ModelShard shard = store.shard;
      ledger.require(before < shard.number, "parts out of order");
      before = shard.number;
      if (store.generation != shard.generation && !has(Slip.DOES_NOT_FENCE)) {
        tally.count(Tally.Event.FENCED);
        throw new FencedException(shard.number, store.generation, shard.generation);
      }
      if (part.lossEpoch() != losses && !has(Slip.IGNORES_LOSSES)) {
        tally.count(Tally.Event.LOST_GROUND);
        refusal = unavailable(shard.number, Applied.NO, "lost ground");
      }
    }
    parts.forEach(part -> part.batch().accepted());
    if (refusal != null) {
      ShardFailure why = refusal;
      parts.forEach(part -> part.batch().failed(why));
      return;
    }
    List<Member> members = new ArrayList<>();
    for (Part part : parts) {
      members.add(accept(((ModelStore) part.store()).shard, part.batch()));
    }
    submitted.add(members);
    LockSupport.unpark(disk);
  }

  private Member accept(ModelShard shard, Batch batch) {
    for (Write write : batch.writes()) {
      Revision revision = write.change().revision();
      ledger.require(
          revision.compareTo(shard.lastSubmitted) > 0 || has(Slip.DOES_NOT_FENCE),
          "a revision of shard " + shard.number + " was given twice");
      shard.lastSubmitted = revision;
      if (revision.compareTo(shard.revision) > 0 || has(Slip.DOES_NOT_FENCE)) {
        shard.revision = revision;
      }
      underWay.put(write.change().key(), write);
    }
    shard.unsettled += batch.writes().size();
    return new Member(shard, batch);
  }

  private static ShardFailure unavailable(int shard, Applied applied, String cause) {
    return new StoreUnavailable(shard, applied, cause, Duration.ofSeconds(1));
  }

  long losses() {
    return losses;
  }

  Lookup committed(Key key) {
    return faults.isCold() ? Lookup.OnDisk.INSTANCE : new Lookup.Known(entries.get(key));
  }

  Lookup latest(Key key) {
    Write write = has(Slip.FORGETS_WHAT_IS_UNDER_WAY) ? null : underWay.get(key);
    return write == null ? committed(key) : new Lookup.Known(write.after());
  }

  void fetch(int shard, Key key, Consumer<Lookup> then) {
    tally.count(Tally.Event.FETCHED);
    reads.add(new Fetch(shard, key, then));
    LockSupport.unpark(reader);
  }

  long quota() {
    return hasRoom() ? Quota.UNLIMITED : Quota.NO_PUTS;
  }

  boolean hasRoom() {
    return !faults.hasNoRoom();
  }

  /** The reader's life: one look-up after another, not in the order in which they came. */
  private void read() {
    reader = Thread.currentThread();
    while (!closing || !reads.isEmpty()) {
      if (reads.isEmpty()) {
        LockSupport.park(this);
        continue;
      }
      Fetch fetch = reads.remove(faults.atOnce(reads.size()) - 1);
      scheduler.parkNanos(this, faults.diskNanos());
      Lookup found =
          faults.corrupts()
              ? new Lookup.Failed(new Corrupt(fetch.shard(), "simulated"))
              : new Lookup.Known(entries.get(fetch.key()));
      scheduler.parkNanos(this, faults.diskNanos());
      fetch.then().accept(found);
    }
  }

  /** The disk's life: some of what was submitted is written at one go. */
  private void write() {
    disk = Thread.currentThread();
    while (!closing || !submitted.isEmpty()) {
      if (submitted.isEmpty()) {
        LockSupport.park(this);
        continue;
      }
      List<Member> group = new ArrayList<>();
      List<List<Member>> taken = submitted.subList(0, faults.atOnce(submitted.size()));
      taken.forEach(group::addAll);
      taken.clear();
      if (has(Slip.ACKNOWLEDGES_TOO_EARLY)) {
        group.forEach(member -> member.batch().committed());
      }
      scheduler.parkNanos(this, faults.diskNanos());
      if (faults.breaksTheDisk()) {
        breakDown(group);
      } else {
        group.forEach(member -> apply(member, true));
        group.forEach(this::settle);
      }
    }
  }

  private void apply(Member member, boolean told) {
    for (Write write : member.batch().writes()) {
      ledger.applied(write.change(), told);
      Entry after = write.after();
      if (after == null) {
        entries.remove(write.change().key());
      } else {
        entries.put(write.change().key(), after);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private void settle(Member member) {
    for (Write write : member.batch().writes()) {
      underWay.computeIfPresent(write.change().key(), (key, last) -> last == write ? null : last);
    }
    member.shard().unsettled -= member.batch().writes().size();
    if (!has(Slip.ACKNOWLEDGES_TOO_EARLY)) {
      member.batch().committed();
    }
    faults.amid();
  }

  /** Nothing is written until the disk is well again; only then it shows what it has. */
  private void breakDown(List<Member> inFlight) {
    tally.count(Tally.Event.DISK_BROKEN);
    broken = true;
    underWay.clear();
    losses++;
    inFlight.forEach(member -> fail(member, Applied.UNKNOWN));
    while (!submitted.isEmpty()) {
      submitted.removeFirst().forEach(member -> fail(member, Applied.NO));
    }
    scheduler.parkNanos(this, faults.diskNanos());
    losses++;
    boolean turnsUp = faults.turnsUp();
    for (Member member : inFlight) {
      if (has(Slip.SPLITS_TRANSACTIONS) ? faults.turnsUp() : turnsUp) {
        apply(member, false);
      }
    }
    for (Member member : inFlight) {
      if (!member.batch().writes().isEmpty()) {
        member.batch().uncertain();
      }
    }
    broken = false;
  }

  private void fail(Member member, Applied applied) {
    member.shard().unsettled -= member.batch().writes().size();
    member.batch().failed(unavailable(member.shard().number, applied, "broken"));
    faults.amid();
  }

  /** What is in the store, without faults. */
  @Nullable Entry stored(Key key) {
    return entries.get(key);
  }

  Ledger ledger() {
    return ledger;
  }

  Faults faults() {
    return faults;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  @Override
  public boolean settlesAtOnce() {
    return settlesAtOnce;
  }

  @Override
  public Usage usage() {
    return new Usage(entries.size(), 0, Long.MAX_VALUE);
  }

  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(disk);
    LockSupport.unpark(reader);
  }
}
