package dev.nebulastore.storage.memory;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Quota;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.Checkpoint;
import dev.nebulastore.storage.ShardFence;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps all entries on the heap.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>All shards share one {@link MemoryTable}, so a change of the ring moves nothing.
 *   <li>A commit happens within its shard's {@link ShardFence}, which also holds the generation
 *       that may commit. So once {@link #open} returns, an older generation's batch either has
 *       happened whole, and all were notified of it, or never will (invariant 4). Nothing blocks in
 *       there: a stuck worker cannot be holding it.
 *   <li>A checkpoint enters the fences of all shards and copies the references to all entries, so
 *       that it tears no commit apart. Commits wait for that; the file is written afterwards.
 *   <li>Room that a generation reserved and never used is released when the next one opens.
 *   <li>Versions are never given twice, also not by the next process: a shard begins at the time of
 *       the start in milliseconds, shifted by 20 bits. A shard would have to make a million changes
 *       each millisecond to reach the beginning of a later start. The clock must not be set back
 *       between them.
 *   <li>Bytes are counted as those of key, value and media type, and {@value Quota#OVERHEAD} for
 *       the objects that hold them, {@value Quota#EXPIRY_OVERHEAD} more with a time to live.
 * </ol>
 *
 * <p>Threads: safe for all.
 */
final class MemoryEngine implements StorageEngine {

  private static final int MILLIS_SHIFT = 20;

  private final MemoryTable table;
  private final Map<Integer, MemoryShard> shards = new ConcurrentHashMap<>();
  private final ReentrantLock making = new ReentrantLock();
  private final byte[] secret = new byte[16];
  private final Revision first;

  MemoryEngine(long maxBytes, Instant start) {
    this.table = new MemoryTable(maxBytes);
    this.first = new Revision(start.toEpochMilli() << MILLIS_SHIFT);
    new SecureRandom().nextBytes(secret);
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public ShardStore open(int shard, long generation) {
    return shard(shard).open(generation);
  }

  @Override
  public void raise(int target, int source) {
    shard(target).fence().raise(shard(source).fence().revision());
  }

  @Override
  public Revision revision(int shard) {
    return shard(shard).fence().revision();
  }

  @Override
  public Revision applied() {
    return shards.values().stream()
        .map(shard -> shard.fence().revision())
        .filter(revision -> revision.compareTo(first) > 0)
        .max(Comparator.naturalOrder())
        .orElse(Revision.ZERO);
  }

  /** Nothing outlives the process. */
  @Override
  public Instant lastTime() {
    return Instant.EPOCH;
  }

  private MemoryShard shard(int shard) {
    MemoryShard known = shards.get(shard);
    return known == null ? make(shard) : known;
  }

  private MemoryShard make(int shard) {
    making.lock();
    try {
      return shards.computeIfAbsent(shard, s -> new MemoryShard(s, table, first));
    } finally {
      making.unlock();
    }
  }

  @Override
  public void submit(List<Part> parts) {
    MemoryShard.submit(parts, 0);
  }

  @Override
  public List<Expiry> expired(Instant now, @Nullable Expiry after, int limit) {
    return table.expired(now, after, limit);
  }

  @Override
  public ScanPage scan(KeyRange range, Instant now, int limit) {
    return table.scan(range, now, limit);
  }

  @Override
  public byte[] secret() {
    return secret;
  }

  @Override
  public boolean settlesAtOnce() {
    return true;
  }

  @Override
  public Usage usage() {
    return new Usage(table.size(), table.bytes(), table.maxBytes());
  }

  @Override
  public Condition condition() {
    if (table.isDamaged()) {
      return new Condition(
          Condition.State.READABLE, "a commit failed half-way and could not be undone; restart");
    }
    long used = table.bytes();
    return used < table.maxBytes()
        ? Condition.WRITABLE
        : new Condition(
            Condition.State.FULL,
            "%d bytes of %d are taken (nebula.storage.memory.max-size)"
                .formatted(used, table.maxBytes()));
  }

  @Override
  public long corruptions() {
    return 0;
  }

  @Override
  public void checkpoint(Path folder) throws IOException {
    Files.createDirectory(folder);
    State state = freeze();
    MemoryCheckpoint.write(folder, state.applied(), lastTime(), state.entries());
  }

  /** What there is at one moment. */
  private record State(Revision applied, List<Entry> entries) {}

  /** No shard commits, and none is added, while the references to all entries are copied. */
  private State freeze() {
    making.lock();
    try {
      return freeze(new TreeMap<>(shards).values().iterator());
    } finally {
      making.unlock();
    }
  }

  private State freeze(Iterator<MemoryShard> rest) {
    return rest.hasNext()
        ? rest.next().fence().exclusively(() -> freeze(rest))
        : new State(applied(), table.all());
  }

  @Override
  public Checkpoint readCheckpoint(Path folder) {
    return MemoryCheckpoint.open(folder);
  }

  @Override
  public void close() {
    table.clear();
  }
}
