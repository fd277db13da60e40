package dev.nebulastore.api;

import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.KvException.InvalidKey;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.coyote.ActionCode;

/**
 * One request of {@code /batch}: begins the operations as their lines arrive, and settles them
 * while no more are there. It ends at the end of the body, or after {@value #MAX_UNREADABLE} lines
 * in a row that are no operations: the answer to such a line is many times as long as the line.
 *
 * <p>Threads: confined to the request's.
 */
final class BatchRequest {

  /** So many lines in a row that can't be read end the batch. */
  static final int MAX_UNREADABLE = 1_000;

  /** What is left of a chunk's frame when its content was read is not content. */
  private static final int FRAME = 2;

  private final HttpServletRequest request;
  private final OperationParser operations;
  private final ComputeThreads compute;
  private final long readSize;
  private final NdjsonReader lines;
  private final Pipeline flight;
  private final BatchSender sender;
  private final TimeSlice slice;
  private int unreadable;

  /**
   * A request of which nothing was read.
   *
   * @param readSize how many bytes are set aside for what a get may bring
   */
  BatchRequest(
      HttpServletRequest request,
      OperationParser operations,
      ComputeThreads compute,
      long readSize,
      NdjsonReader lines,
      Pipeline flight,
      BatchSender sender,
      TimeSlice slice) {
    this.request = request;
    this.operations = operations;
    this.compute = compute;
    this.readSize = readSize;
    this.lines = lines;
    this.flight = flight;
    this.sender = sender;
    this.slice = slice;
  }

  /** Answers each line. */
  void run() throws IOException {
    boolean open = true;
    while (open) {
      slice.check();
      NdjsonReader.Line line = lines.poll();
      if (line != null) {
        open = take(line);
      } else if (flight.isEmpty()) {
        sender.flush();
        open = lines.fill();
      } else if (isMoreAtHand()) {
        open = lines.fill();
      } else {
        flight.settleOldest();
      }
    }
    NdjsonReader.Line last = lines.last();
    if (last != null && unreadable < MAX_UNREADABLE) {
      var _ = take(last);
    }
    flight.settleAll();
  }

  /** Whether a read would find content without waiting for it. */
  private boolean isMoreAtHand() throws IOException {
    if (request.getInputStream().available() > FRAME) {
      return true;
    }
    // The servlet's stream knows only what Tomcat has read; this has Tomcat look at the socket.
    var tomcat = ExactContentType.tomcat(request).getRequest().getCoyoteRequest();
    tomcat.action(ActionCode.AVAILABLE, true);
    return tomcat.getAvailable() > FRAME;
  }

  /** Begins the operation of a line; false if the batch ends with this line. */
  private boolean take(NdjsonReader.Line line) throws IOException {
    if (line.equals(NdjsonReader.NO_ROOM)) {
      flight.refuse(Overloaded.byContent(), null);
      return true;
    }
    if (line.equals(NdjsonReader.TOO_LONG)) {
      return refuse(
          new ApiException(
              Problem.VALUE_TOO_LARGE,
              "A line has at most " + operations.maxLength() + " bytes here."));
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
    flight.begin(command, command instanceof Command.Get ? readSize : line.length());
    return true;
  }

  private boolean refuse(RuntimeException refused) throws IOException {
    unreadable++;
    if (unreadable < MAX_UNREADABLE) {
      flight.refuse(refused, null);
      return true;
    }
    flight.refuse(
        new ApiException(
            Problem.INVALID_JSON,
            "%d lines in a row can't be read, so the batch ends with this one. The last one: %s"
                .formatted(MAX_UNREADABLE, refused.getMessage())),
        null);
    return false;
  }
}
