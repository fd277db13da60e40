package dev.nebulastore.http;

import org.jspecify.annotations.Nullable;

/** Serves plain requests without a thread for each: it never waits. */
public interface FastHandler {

  /** A request that can be served: it is begun when all of it has come, or refused before. */
  interface Exchange extends AutoCloseable {
    /** Says who sends it, before anything else. */
    void isFrom(Peer peer);

    /**
     * Makes room for so many bytes of its body.
     *
     * @return false if others have too much, and then nothing has changed
     */
    boolean hasRoom(int size);

    /** Refuses it, since there is no room for its body. */
    void refuse();

    /**
     * Begins to serve it.
     *
     * @param body all of it, to be kept
     * @param told is run when there is an answer, perhaps more than once and by any thread
     */
    void begin(byte[] body, Runnable told);

    /**
     * Writes the answer if there is one; not to be called again then.
     *
     * @return false if there is none yet
     */
    boolean answer(ResponseBuffer answer);

    /** The answer was sent, or nobody is there to receive it. */
    @Override
    void close();
  }

  /** Whether this service may have to do with a path, of so many bytes from here. */
  boolean serves(byte[] bytes, int from, int length);

  /** Looks at the head of a request; null if it has to be served in the common way. */
  @Nullable Exchange prepare(FastRequest request);
}
