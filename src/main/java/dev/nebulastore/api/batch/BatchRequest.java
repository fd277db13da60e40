package dev.nebulastore.api.batch;

import dev.nebulastore.api.codec.OperationParser;
import dev.nebulastore.api.error.AccessListener;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.KvException.InvalidKey;
import dev.nebulastore.security.AccessDenied;
import dev.nebulastore.security.Caller;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/**
 * One request of {@code /batch}: begins operations as their lines arrive, and settles them while no
 * line is available. It ends with the body, or after {@value #MAX_UNREADABLE} malformed lines in a
 * row, since the answer to such a line is many times longer than the line.
 *
 * <p>Threads: confined to the request's.
 */
final class BatchRequest {

  /** The number of malformed lines in a row that ends the batch. */
  static final int MAX_UNREADABLE = 1_000;

  /** Bytes of a chunk's frame that may be left when its content was read. */
  private static final int FRAME = 2;

  private final HttpServletRequest request;
  private final Caller caller;
  private final AccessListener listener;
  private final OperationParser operations;
  private final ComputeThreads compute;
  private final long readSize;
  private final NdjsonReader lines;
  private final Pipeline pipeline;
  private final BatchSender sender;
  private final TimeSlice slice;
  private int unreadable;

  /**
   * Creates a request of which nothing was read.
   *
   * @param caller may execute some operations, and is refused others
   * @param listener is told of each operation that the caller is refused
   * @param readSize how many bytes are counted for a get
   */
  BatchRequest(
      HttpServletRequest request,
      Caller caller,
      AccessListener listener,
      OperationParser operations,
      ComputeThreads compute,
      long readSize,
      NdjsonReader lines,
      Pipeline pipeline,
      BatchSender sender,
      TimeSlice slice) {
    this.request = request;
    this.caller = caller;
    this.listener = listener;
    this.operations = operations;
    this.compute = compute;
    this.readSize = readSize;
    this.lines = lines;
    this.pipeline = pipeline;
    this.sender = sender;
    this.slice = slice;
  }

  /** Executes and answers all lines. */
  void run() throws IOException {
    boolean open = true;
    while (open) {
      slice.check();
      NdjsonReader.Line line = lines.poll();
      if (line != null) {
        open = take(line);
      } else if (pipeline.isEmpty()) {
        sender.flush();
        open = lines.fill();
      } else if (isMoreAtHand()) {
        open = lines.fill();
      } else {
        pipeline.settleOldest();
      }
    }
    NdjsonReader.Line last = lines.last();
    if (last != null && unreadable < MAX_UNREADABLE) {
      var _ = take(last);
    }
    pipeline.settleAll();
  }

  /** Whether content can be read without waiting. */
  private boolean isMoreAtHand() throws IOException {
    return request.getInputStream().available() > FRAME
        || ClientConnection.of(request).available() > FRAME;
  }

  /** Begins the operation of a line. Returns false if the batch ends with this line. */
  private boolean take(NdjsonReader.Line line) throws IOException {
    if (line.equals(NdjsonReader.NO_ROOM)) {
      pipeline.refuse(Overloaded.byContent(), null);
      return true;
    }
    if (line.equals(NdjsonReader.TOO_LONG)) {
      return refuse(
          new ApiException(
              Problem.VALUE_TOO_LARGE,
              "A line is limited to " + operations.maxLength() + " bytes."));
    }
    if (line.isBlank()) {
      return true;
    }
    Command command;
    try {
      command =
          compute.run(
              line.length(), () -> operations.read(line.bytes(), line.from(), line.length()));
    } catch (ApiException | InvalidKey refused) {
      return refuse(refused);
    }
    unreadable = 0;
    try {
      caller.require(command);
    } catch (AccessDenied denied) {
      pipeline.refuse(listener.denied(request, denied, command.key()), command.key());
      return true;
    }
    pipeline.begin(command, command instanceof Command.Get ? readSize : line.length());
    return true;
  }

  private boolean refuse(RuntimeException refused) throws IOException {
    unreadable++;
    if (unreadable < MAX_UNREADABLE) {
      pipeline.refuse(refused, null);
      return true;
    }
    pipeline.refuse(
        new ApiException(
            Problem.INVALID_JSON,
            "The batch ends after %d unreadable lines in a row. The last one: %s"
                .formatted(MAX_UNREADABLE, refused.getMessage())),
        null);
    return false;
  }
}
