package dev.nebulastore.api;

import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.router.ShardRouter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.coyote.ActionCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The controller of {@code /batch}: operations come as lines, and each is answered on a line of its
 * own, in their order, while more come. Lines are begun as they arrive and many are under way at
 * once; when the client pauses, what is under way is answered and sent before anything is waited
 * for.
 *
 * <p>Threads: immutable; a request is served by its own thread alone.
 */
final class BatchServlet extends HttpServlet {

  static final String PATH = "/batch";
  static final String ALLOW = "POST, OPTIONS";

  private static final Methods METHODS = new Methods(PATH, ALLOW);

  private static final Logger log = LoggerFactory.getLogger(BatchServlet.class);
  private static final String LINES = "application/x-ndjson";

  /** What a read may bring is not known before: this share of a flight is set aside for it. */
  private static final long READ = Flight.MAX_BYTES / 64;

  /** What is left of a chunk's frame when its content was read is not content. */
  private static final int FRAME = 2;

  private final transient ShardRouter router;
  private final transient Problems problems;
  private final transient Operations operations;
  private final transient Answers answers;
  private final transient ContentMemory memory;
  private final long readSize;

  /** Who writes an answer does not close what it is written to. */
  private final transient JsonMapper json =
      JsonMapper.builder(
              JsonFactory.builder()
                  .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                  .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
                  .build())
          .build();

  BatchServlet(
      ShardRouter router,
      Problems problems,
      Operations operations,
      ContentMemory memory,
      ApiProperties properties) {
    this.router = router;
    this.problems = problems;
    this.operations = operations;
    this.memory = memory;
    this.answers = new Answers(problems);
    this.readSize = Math.max(READ, properties.limits().valueSize().toBytes() / 8);
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      if (!request.getRequestURI().equals(PATH)) {
        throw new ApiException(Problem.NOT_FOUND, "A batch is sent to " + PATH + ".");
      }
      switch (request.getMethod()) {
        case "POST" -> batch(request, response);
        case "OPTIONS" -> METHODS.tell(response);
        default -> throw METHODS.refuse(request, response);
      }
    } catch (IOException e) {
      // The client went away; what was begun goes on.
      throw e;
    } catch (Exception e) {
      if (response.isCommitted()) {
        log.error("A batch was broken off", e);
        ExactContentType.tomcat(request).getCoyoteResponse().action(ActionCode.CLOSE_NOW, e);
      } else {
        response.resetBuffer();
        problems.write(request, response, e, null);
      }
    }
  }

  private void batch(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Query.parse(request.getQueryString(), Set.of());
    ValueReader.refuseCodings(request.getHeaders("Content-Encoding"));
    String type = request.getContentType();
    if (type == null || !type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(LINES)) {
      throw new ApiException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "A batch is " + LINES + ": an operation a line.");
    }
    response.setContentType(LINES);
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    Sender sender = new Sender(response.getOutputStream());
    try (Share read = memory.share();
        Share begun = memory.share()) {
      Lines lines = new Lines(request.getInputStream(), operations.maxLength(), read::has);
      Flight flight = new Flight(router, begun::has, sender);
      try {
        run(request, lines, flight, sender);
      } finally {
        flight.abandon();
      }
    }
  }

  private void run(HttpServletRequest request, Lines lines, Flight flight, Sender sender)
      throws IOException {
    boolean open = true;
    while (open) {
      Lines.Line line = lines.poll();
      if (line != null) {
        take(line, flight);
      } else if (flight.isEmpty()) {
        sender.flush();
        open = lines.fill();
      } else if (isMoreAtHand(request)) {
        open = lines.fill();
      } else {
        flight.settleOldest();
      }
    }
    Lines.Line last = lines.last();
    if (last != null) {
      take(last, flight);
    }
    flight.settleAll();
  }

  /** Whether a read would find content without waiting for it. */
  private static boolean isMoreAtHand(HttpServletRequest request) throws IOException {
    if (request.getInputStream().available() > 0) {
      return true;
    }
    // The servlet's stream knows only what Tomcat has read; this has Tomcat look at the socket.
    var tomcat = ExactContentType.tomcat(request).getRequest().getCoyoteRequest();
    tomcat.action(ActionCode.AVAILABLE, true);
    return tomcat.getAvailable() > FRAME;
  }

  private void take(Lines.Line line, Flight flight) throws IOException {
    if (line.equals(Lines.TOO_LONG)) {
      flight.refuse(
          new ApiException(
              Problem.VALUE_TOO_LARGE,
              "A line has at most " + operations.maxLength() + " bytes here."),
          null);
      return;
    }
    if (line.equals(Lines.NO_ROOM)) {
      flight.refuse(Overloaded.byContent(), null);
      return;
    }
    Command command;
    try {
      command = operations.read(operations.tree(line.bytes(), line.from(), line.length()));
    } catch (ApiException | InvalidKey refused) {
      flight.refuse(refused, null);
      return;
    }
    flight.begin(command, command instanceof Command.Get ? readSize : line.length());
  }

  /** Writes the answers. */
  private final class Sender implements Flight.Arrivals {
    private final OutputStream out;
    private boolean unsent;

    Sender(OutputStream out) {
      this.out = out;
    }

    @Override
    public void arrived(Command command, Outcome outcome) throws IOException {
      write(line -> answers.write(line, command, outcome, PATH));
    }

    @Override
    public void failed(Exception failure, @Nullable Key key) throws IOException {
      write(line -> answers.write(line, failure, key, PATH));
    }

    private void write(Consumer<JsonGenerator> answer) throws IOException {
      try (JsonGenerator line = json.createGenerator(out)) {
        answer.accept(line);
      } catch (JacksonIOException e) {
        throw e.getCause();
      }
      out.write('\n');
      unsent = true;
    }

    /** Nobody waits for an answer that is there, because another is not. */
    @Override
    public void waits() throws IOException {
      flush();
    }

    void flush() throws IOException {
      if (unsent) {
        out.flush();
        unsent = false;
      }
    }
  }
}
