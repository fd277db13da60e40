import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Reads keys of all shards except one for a while, and prints the latency of the reads.
 *
 * <p>Threads: one per connection.
 */
final class Latency {

  private static final int CONNECTIONS = Integer.getInteger("readers", 4);
  private static final int MAX_READS = 1_000_000;

  private Latency() {}

  /** The arguments are the port, the shard to leave out, and milliseconds. */
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    String spared = args[1];
    long nanos = Long.parseLong(args[2]) * 1_000_000;
    List<String> keys = keys(port, spared);
    List<long[]> took = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      int first = i;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                long[] mine = read(port, keys, first, nanos);
                synchronized (took) {
                  took.add(mine);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long[] all = took.stream().flatMapToLong(LongStream::of).sorted().toArray();
    IO.println(
        "reads=%d p50=%d p99=%d max=%d"
            .formatted(
                all.length,
                all[all.length / 2] / 1_000,
                all[(int) (all.length * 0.99)] / 1_000,
                all[all.length - 1] / 1_000));
  }

  private static List<String> keys(int port, String spared) throws Exception {
    Wire wire = new Wire();
    wire.to(port);
    List<String> keys = new ArrayList<>();
    for (int i = 0; keys.size() < 32; i++) {
      String key = "latency-" + i;
      if (!Clients.shardOf(key, wire).equals(spared)) {
        wire.ask("PUT", "/kv/" + key, "", Values.of(key, 1, 100));
        keys.add("/kv/" + key);
      }
    }
    wire.close();
    return keys;
  }

  private static long[] read(int port, List<String> keys, int first, long nanos) {
    Wire wire = new Wire();
    wire.to(port);
    long[] took = new long[MAX_READS];
    int reads = 0;
    long end = System.nanoTime() + nanos;
    try {
      for (long now = System.nanoTime(); now < end && reads < MAX_READS; reads++) {
        Wire.Answer answer = wire.get(keys.get((first + reads) % keys.size()));
        long after = System.nanoTime();
        if (!answer.ok()) {
          throw new IllegalStateException("a read was answered " + answer.status());
        }
        took[reads] = after - now;
        now = after;
      }
    } catch (Wire.NotSent | Wire.Broken e) {
      throw new IllegalStateException(e);
    }
    wire.close();
    return Arrays.copyOf(took, reads);
  }
}
