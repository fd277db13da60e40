package dev.nebulastore.client;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a key or of all keys with a prefix, in order, until it is closed.
 *
 * {@snippet class="dev.nebulastore.client.WatchIT" region="watch"}
 *
 * <p>If the connection breaks, or is silent for longer than {@link ClientSettings#silence}, it
 * reconnects and continues after the last event, so that none is missed or repeated. If the server
 * no longer has the events in between, {@link Event.Reset} says so.
 *
 * <p>Threads: read by one thread at a time; any thread may close it, which ends a read.
 */
public final class Watch implements Iterator<Event>, AutoCloseable {

  /** Opens the stream of events after an id. */
  @FunctionalInterface
  interface Opening {
    LineStream after(@Nullable String id);
  }

  private final Opening opening;
  private final Retries retries;
  private @Nullable String lastId;
  private @Nullable Event next;
  private volatile LineStream lines;
  private volatile boolean closed;
  private int breaks;

  /** Opens the stream at once, so that the caller sees a refusal here. */
  Watch(Opening opening, Retries retries, @Nullable String since) {
    this.opening = opening;
    this.retries = retries;
    this.lastId = since;
    this.lines = opening.after(since);
  }

  /** Waits for the next event; returns false only if the watch was closed. */
  @Override
  public boolean hasNext() {
    while (next == null && !closed) {
      next = read();
    }
    return next != null;
  }

  /** Waits for the next event. */
  @Override
  public Event next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the watch was closed");
    }
    Event event = Objects.requireNonNull(next);
    next = null;
    return event;
  }

  /** The events as a stream. Closing it closes this watch. */
  public Stream<Event> stream() {
    int order = Spliterator.ORDERED | Spliterator.NONNULL;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, order), false)
        .onClose(this::close);
  }

  /** The id of the last event: another watch can continue after it. */
  public Optional<String> lastId() {
    return Optional.ofNullable(lastId);
  }

  @Override
  public void close() {
    closed = true;
    lines.close();
  }

  /** An event, or null after a position without an event, or after a reconnection. */
  private @Nullable Event read() {
    ServerSentEvent event;
    try {
      event = ServerSentEvent.read(lines, lastId);
    } catch (NebulaStoreException broken) {
      return reconnected(broken);
    }
    String id = event.id();
    lastId = id;
    breaks = 0;
    return EventJson.read(event.name(), id == null ? "" : id, event.data());
  }

  /**
   * Waits before each attempt, so that a server that ends every response is not asked in a loop. An
   * incomplete event is sent again. Without a position, changes may have been missed.
   */
  private @Nullable Event reconnected(NebulaStoreException broken) {
    lines.close();
    NebulaStoreException failure = broken;
    while (!closed) {
      breaks++;
      retries.rest(breaks, failure);
      try {
        lines = opening.after(lastId);
        if (closed) {
          lines.close();
        }
        return lastId == null ? new Event.Reset("") : null;
      } catch (NebulaStoreException again) {
        if (!closed && !Retries.mayBeRepeated(again, true)) {
          throw again;
        }
        failure = again;
      }
    }
    return null;
  }
}
