package dev.nebulastore.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Spliterator;
import java.util.Spliterators.AbstractSpliterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a response, read as they arrive. If nothing arrives for a while, the connection
 * counts as broken.
 *
 * <p>Threads: read by one thread at a time; any thread may close it, which ends a read.
 */
final class LineStream implements AutoCloseable {

  private final InputStream body;
  private final BufferedReader lines;

  LineStream(InputStream body, Duration silence) {
    this.body = body;
    lines = new BufferedReader(new InputStreamReader(new Guarded(body, silence), UTF_8));
  }

  /** The next line, or null at the end of the response. */
  @Nullable String next() {
    try {
      return lines.readLine();
    } catch (IOException e) {
      throw NebulaStoreException.noAnswer(e, null);
    }
  }

  /** The remaining lines. Closing the stream closes the response. */
  Stream<String> stream() {
    var rest =
        new AbstractSpliterator<String>(Long.MAX_VALUE, Spliterator.ORDERED) {
          @Override
          public boolean tryAdvance(Consumer<? super String> action) {
            String line = next();
            if (line != null) {
              action.accept(line);
            }
            return line != null;
          }
        };
    return StreamSupport.stream(rest, false).onClose(this::close);
  }

  /** Closes the body, not the reader: the reading thread may hold the lock of the reader. */
  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      // Nothing more is read from it.
    }
  }

  /** Closes the body if it is silent for too long, which ends the read. */
  private static final class Guarded extends FilterInputStream {

    private final Duration silence;
    private volatile boolean silent;

    Guarded(InputStream in, Duration silence) {
      super(in);
      this.silence = silence;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      var alarm = new CompletableFuture<@Nullable Void>();
      var unused =
          alarm
              .orTimeout(silence.toNanos(), TimeUnit.NANOSECONDS)
              .exceptionally(timeout -> {
                silent = true;
                hangUp();
                return null;
              });
      try {
        int count = super.read(bytes, from, length);
        if (silent && count < 0) {
          throw new SocketTimeoutException("nothing arrived for " + silence);
        }
        return count;
      } finally {
        alarm.complete(null);
      }
    }

    private void hangUp() {
      try {
        in.close();
      } catch (IOException e) {
        // The read ends all the same.
      }
    }
  }
}
