package dev.nebulastore.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits what one caller takes of the server, so that others get their part. A caller is known by
 * its id, or by its address if it has none; of an IPv6 address, the first 64 bits count, since a
 * host has all addresses that begin with them.
 *
 * <p>A caller is forgotten when it has no request in flight and its rate is back at zero. Others
 * that are idle are forgotten as new ones come, at the latest a second after their last request. So
 * the memory is bounded by the callers of one second.
 *
 * <p>Threads: safe for all.
 */
public final class CallerLimits {

  /** How many callers are kept before idle ones are looked for. */
  private static final int KEPT = 1_024;

  private static final long NANOS_BETWEEN_SWEEPS = TimeUnit.SECONDS.toNanos(1);

  private final CallerMaximum max;
  private final LongSupplier nanoTime;
  private final ConcurrentMap<Object, CallerUsage> callers = new ConcurrentHashMap<>();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong nextSweep;

  /** Creates limits that nobody has reached. */
  public CallerLimits(CallerMaximum max, LongSupplier nanoTime) {
    this.max = max;
    this.nanoTime = nanoTime;
    this.nextSweep = new AtomicLong(nanoTime.getAsLong());
  }

  /** Whether there is any limit. */
  public boolean isActive() {
    return !max.equals(CallerMaximum.NONE);
  }

  /** How many requests were refused. */
  public long refused() {
    return refused.get();
  }

  /** How many callers are kept. */
  int callers() {
    return callers.size();
  }

  /**
   * Begins a request, until the usage is closed.
   *
   * @param id names the caller; empty if it has no name
   * @param address of the peer; null if it is not known
   * @throws Overloaded if the caller has reached a limit; nothing was begun then
   */
  public CallerUsage begin(String id, @Nullable InetAddress address) {
    if (!isActive()) {
      return CallerUsage.UNLIMITED;
    }
    forgetIdle();
    try {
      return callers.compute(
          id.isEmpty() ? network(address) : id,
          (caller, known) -> {
            long now = nanoTime.getAsLong();
            CallerUsage usage = known == null ? of(caller, now) : known;
            usage.enter(now);
            return usage;
          });
    } catch (Overloaded e) {
      refused.incrementAndGet();
      throw e;
    }
  }

  private CallerUsage of(Object caller, long now) {
    return new CallerUsage(max, now, () -> end(caller), refused::incrementAndGet);
  }

  private void end(Object caller) {
    callers.computeIfPresent(
        caller,
        (_, usage) -> {
          usage.leave();
          return usage.isIdle(nanoTime.getAsLong()) ? null : usage;
        });
  }

  private void forgetIdle() {
    long now = nanoTime.getAsLong();
    long next = nextSweep.get();
    if (callers.size() >= KEPT
        && now - next >= 0
        && nextSweep.compareAndSet(next, now + NANOS_BETWEEN_SWEEPS)) {
      for (Object caller : callers.keySet()) {
        callers.computeIfPresent(caller, (_, usage) -> usage.isIdle(now) ? null : usage);
      }
    }
  }

  /** What a host can't change of its address. */
  static Object network(@Nullable InetAddress address) {
    if (address == null) {
      return "";
    }
    return address instanceof Inet6Address
        ? ByteBuffer.wrap(address.getAddress()).getLong()
        : address;
  }
}
