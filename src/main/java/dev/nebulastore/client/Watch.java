package dev.nebulastore.client;

import java.io.EOFException;
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
 * Changes as they happen, in order, without end until it is closed.
 *
 * {@snippet class="dev.nebulastore.client.WatchTests" region="watch"}
 *
 * <p>When the connection breaks, or is silent for longer than {@link ClientSettings#silence}, it
 * connects anew by itself and goes on behind the last event, with nothing missed or told twice.
 * Where the server no longer knows the events in between, it tells {@link Event.Reset}.
 *
 * <p>Threads: read by one at a time; closed by any, which ends the reading.
 */
public final class Watch implements Iterator<Event>, AutoCloseable {

  /** Opens the stream behind an event. */
  @FunctionalInterface
  interface Opening {
    OpenAnswer after(@Nullable String id);
  }

  private final Opening opening;
  private final Retries retries;
  private @Nullable String lastId;
  private @Nullable Event next;
  private volatile OpenAnswer answer;
  private volatile boolean closed;
  private int breaks;

  /** Begins with an answer that is open already, so that a refusal is thrown where it is asked. */
  Watch(Opening opening, Retries retries, @Nullable String since) {
    this.opening = opening;
    this.retries = retries;
    this.lastId = since;
    this.answer = opening.after(since);
  }

  /** Waits for the next event; false only when the watch was closed. */
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

  /** The events as a stream, which closes this watch when it is closed. */
  public Stream<Event> stream() {
    int order = Spliterator.ORDERED | Spliterator.NONNULL;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, order), false)
        .onClose(this::close);
  }

  /** The position that was reached: another watch can go on from there. */
  public Optional<String> lastId() {
    return Optional.ofNullable(lastId);
  }

  @Override
  public void close() {
    closed = true;
    answer.close();
  }

  /** An event, or null where there was only a position, or a break that was mended. */
  private @Nullable Event read() {
    String name = "message";
    StringBuilder data = new StringBuilder();
    String id = lastId;
    NebulaStoreException broken;
    try {
      for (String line = answer.next(); line != null; line = answer.next()) {
        if (line.isEmpty()) {
          lastId = id;
          breaks = 0;
          return Json.event(name, id == null ? "" : id, data.toString());
        }
        int colon = line.indexOf(':');
        String field = colon < 0 ? line : line.substring(0, colon);
        String rest = colon < 0 ? "" : line.substring(colon + 1);
        String text = rest.startsWith(" ") ? rest.substring(1) : rest;
        switch (field) {
          case "event" -> name = text;
          case "id" -> id = text;
          case "data" -> data.append(data.isEmpty() ? "" : "\n").append(text);
          default -> {}
        }
      }
      broken = ProblemReader.noAnswer(new EOFException("the answer ended"), null);
    } catch (NebulaStoreException failure) {
      broken = failure;
    }
    return reconnected(broken);
  }

  /**
   * Rests, at least a little, so that a server which ends each answer is not asked without end. An
   * event that was not whole comes again. Without a position nobody knows what was missed.
   */
  private @Nullable Event reconnected(NebulaStoreException broken) {
    answer.close();
    NebulaStoreException failure = broken;
    while (!closed) {
      breaks++;
      retries.rest(breaks, failure);
      try {
        answer = opening.after(lastId);
        if (closed) {
          answer.close();
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
