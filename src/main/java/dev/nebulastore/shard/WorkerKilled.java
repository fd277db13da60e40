package dev.nebulastore.shard;

/** The death of a worker that {@link ShardRegistry#kill} has caused. */
public final class WorkerKilled extends RuntimeException {

  WorkerKilled() {
    super("killed on request", null, false, false);
  }
}
