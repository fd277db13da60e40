package dev.nebulastore.storage;

import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An engine that delegates to another one. A test overrides what it needs.
 *
 * <p>Threads: like that engine.
 */
public abstract class ForwardingEngine implements StorageEngine {

  private final StorageEngine engine;

  /** Forwards to this engine. */
  protected ForwardingEngine(StorageEngine engine) {
    this.engine = engine;
  }

  @Override
  public String name() {
    return engine.name();
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
  public Revision applied() {
    return engine.applied();
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
  public boolean settlesAtOnce() {
    return engine.settlesAtOnce();
  }

  @Override
  public Usage usage() {
    return engine.usage();
  }

  @Override
  public Condition condition() {
    return engine.condition();
  }

  @Override
  public long corruptions() {
    return engine.corruptions();
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
  public void close() {
    engine.close();
  }
}
