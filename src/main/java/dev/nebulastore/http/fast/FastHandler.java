package dev.nebulastore.http.fast;

import dev.nebulastore.http.Peer;
import dev.nebulastore.http.Reply;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Serves plain requests on event loops. Never waits. */
public interface FastHandler {

  /** A request that is served: begun when all of it has arrived, or refused before. */
  interface Exchange extends AutoCloseable {
    /** Sets the client of the request; called first. */
    void isFrom(Peer peer);

    /**
     * Counts so many bytes for the body.
     *
     * @return false if the memory limit is reached; nothing has changed then
     */
    boolean hasRoom(int size);

    /** Refuses the request, since there is no memory for its body. */
    void refuse();

    /** Refuses the request, since its body ended early or its client stopped sending. */
    void cutShort();

    /**
     * Begins the request.
     *
     * @param body the whole body; the exchange keeps the array
     * @param told runs when there is an answer, perhaps more than once and on any thread
     * @param wakeUps runs what wakes the threads that serve it, once more requests have begun
     */
    void begin(byte[] body, Runnable told, Executor wakeUps);

    /**
     * Writes the answer if there is one. Not to be called again after it returned true.
     *
     * @return false if there is no answer yet
     */
    boolean answer(Reply answer) throws IOException;

    /** Releases what the request holds: its answer was sent, or its connection closed. */
    @Override
    void close();
  }

  /** Whether requests of this path may be served. */
  boolean serves(byte[] bytes, int from, int length);

  /** Examines the head of a request; null if the server has to serve it. */
  @Nullable Exchange prepare(FastRequest request);
}
