package dev.nebulastore.ops.health;

import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.Checkpoint;
import dev.nebulastore.storage.ShardStore;
import dev.nebulastore.storage.StorageEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An engine that reports the condition that a test sets.
 *
 * <p>Threads: thread-safe; its state is in volatile fields.
 */
final class AilingEngine implements StorageEngine {

  private final StorageEngine engine;
  private volatile Condition condition = Condition.WRITABLE;
  private volatile long corruptions;

  AilingEngine(StorageEngine engine) {
    this.engine = engine;
  }

  void is(Condition.State state, String cause) {
    condition = new Condition(state, cause);
  }

  void hasMetDamage(long times) {
    corruptions = times;
  }

  @Override
  public Condition condition() {
    return condition;
  }

  @Override
  public long corruptions() {
    return corruptions;
  }

  /** An engine without a limit of its own. */
  @Override
  public boolean settlesAtOnce() {
    return true;
  }

  @Override
  public Usage usage() {
    return new Usage(engine.usage().entries(), engine.usage().bytes(), Long.MAX_VALUE);
  }

  @Override
  public Revision applied() {
    return engine.applied();
  }

  @Override
  public void checkpoint(Path folder) throws IOException {
    engine.checkpoint(folder);
  }

  @Override
  public Checkpoint readCheckpoint(Path folder) {
    return engine.readCheckpoint(folder);
  }

  @Override
  public String name() {
    return "ailing";
  }

  @Override
  public ShardStore open(int shard, long generation) {
    return engine.open(shard, generation);
  }

  @Override
  public void raise(int target, int source) {
    engine.raise(target, source);
  }

  @Override
  public Revision revision(int shard) {
    return engine.revision(shard);
  }

  @Override
  public Instant lastTime() {
    return engine.lastTime();
  }

  @Override
  public void submit(List<Part> parts) {
    engine.submit(parts);
  }

  @Override
  public List<Expiry> expired(Instant now, @Nullable Expiry after, int limit) {
    return engine.expired(now, after, limit);
  }

  @Override
  public ScanPage scan(KeyRange range, Instant now, int limit) {
    return engine.scan(range, now, limit);
  }

  @Override
  public byte[] secret() {
    return engine.secret();
  }

  @Override
  public void close() {
    engine.close();
  }
}
