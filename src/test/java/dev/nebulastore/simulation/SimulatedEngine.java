package dev.nebulastore.simulation;

import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.storage.Checkpoint;
import dev.nebulastore.storage.StorageEngine;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The methods of an engine that the simulation does not use: it has no files, and nothing expires.
 */
abstract class SimulatedEngine implements StorageEngine {

  @Override
  public void checkpoint(Path folder) {
    throw new UnsupportedOperationException("The simulation has no files.");
  }

  @Override
  public Checkpoint readCheckpoint(Path folder) {
    throw new UnsupportedOperationException("The simulation has no files.");
  }

  /** There is no earlier process. */
  @Override
  public Instant lastTime() {
    return Instant.EPOCH;
  }

  @Override
  public String name() {
    return "model";
  }

  @Override
  public List<Expiry> expired(Instant now, @Nullable Expiry after, int limit) {
    return List.of();
  }

  @Override
  public ScanPage scan(KeyRange range, Instant now, int limit) {
    return new ScanPage(List.of(), null);
  }

  @Override
  public byte[] secret() {
    return new byte[16];
  }

  @Override
  public Condition condition() {
    return Condition.WRITABLE;
  }

  @Override
  public long corruptions() {
    return 0;
  }
}
