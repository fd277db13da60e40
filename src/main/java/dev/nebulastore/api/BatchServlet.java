package dev.nebulastore.api;

import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.Peer;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.router.ShardRouter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.apache.coyote.ActionCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final AllowedMethods METHODS = new AllowedMethods(PATH, ALLOW);

  private static final Logger log = LoggerFactory.getLogger(BatchServlet.class);
  private static final String LINES = "application/x-ndjson";

  /** What a read may bring that is not counted when it is read, and its command. */
  private static final long READ = ContentBudget.SMALL + 200;

  private final transient ShardRouter router;
  private final transient Problems problems;
  private final transient OperationParser operations;
  private final transient ResultJsonWriter answers;
  private final transient ContentMemory memory;
  private final transient ComputeThreads compute;

  BatchServlet(
      ShardRouter router,
      Problems problems,
      OperationParser operations,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time) {
    this.router = router;
    this.problems = problems;
    this.operations = operations;
    this.memory = memory;
    this.compute = compute;
    this.answers = new ResultJsonWriter(problems, time);
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
    QueryString.parse(request.getQueryString(), Set.of());
    ValueReader.refuseCodings(request.getHeaders("Content-Encoding"));
    String type = request.getContentType();
    if (type == null || !type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(LINES)) {
      throw new ApiException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "A batch is " + LINES + ": an operation a line.");
    }
    response.setContentType(LINES);
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    TimeSlice slice = compute.slice();
    Peer peer = ExactContentType.peer(request);
    BatchSender sender = new BatchSender(answers, peer.taking(response.getOutputStream()), slice);
    try (Share read = memory.share(peer);
        Share begun = memory.share(peer)) {
      NdjsonReader lines =
          new NdjsonReader(request.getInputStream(), operations.maxLength(), read::has);
      Pipeline flight = new Pipeline(router, begun::has, () -> memory.share(peer), sender);
      try {
        new BatchRequest(request, operations, compute, READ, lines, flight, sender, slice).run();
      } finally {
        flight.abandon();
      }
    }
  }
}
