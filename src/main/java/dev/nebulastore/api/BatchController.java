package dev.nebulastore.api;

import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.Peer;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.router.Keyspace;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.apache.coyote.ActionCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves {@code /batch}: operations come as lines, and each is answered on a line of its own, in
 * their order, while more come. Lines are begun as they arrive and many are under way at once; when
 * the client pauses, what is under way is answered and sent before anything is waited for.
 *
 * <p>Threads: immutable; a request is served by its own thread alone.
 */
@RestController
@RequestMapping(BatchController.PATH)
final class BatchController {

  static final String PATH = "/batch";

  private static final Logger log = LoggerFactory.getLogger(BatchController.class);
  private static final String LINES = "application/x-ndjson";

  /** What a read may bring that is not counted when it is read, and its command. */
  private static final long READ = ContentBudget.SMALL + 200;

  private final Keyspace keyspace;
  private final Problems problems;
  private final OperationParser operations;
  private final ResultJsonWriter answers;
  private final ContentMemory memory;
  private final ComputeThreads compute;

  BatchController(
      Keyspace keyspace,
      Problems problems,
      OperationParser operations,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time) {
    this.keyspace = keyspace;
    this.problems = problems;
    this.operations = operations;
    this.memory = memory;
    this.compute = compute;
    this.answers = new ResultJsonWriter(problems, time);
  }

  /** Carries out operations as they come. */
  @PostMapping
  void post(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(request, response, () -> batch(request, response));
  }

  /** Says which methods there are. */
  @RequestMapping(method = RequestMethod.OPTIONS)
  void options(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(request, response, () -> AllowedMethods.OF_BATCH.tell(response));
  }

  /** Refuses any other method. */
  @RequestMapping
  void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        () -> {
          throw AllowedMethods.OF_BATCH.refuse(request, response);
        });
  }

  /** What is done for a request. */
  private interface Service {
    void serve() throws IOException;
  }

  private void serve(HttpServletRequest request, HttpServletResponse response, Service service)
      throws IOException {
    try {
      if (!request.getRequestURI().equals(PATH)) {
        throw new ApiException(Problem.NOT_FOUND, "A batch is sent to " + PATH + ".");
      }
      service.serve();
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
      Pipeline flight = new Pipeline(keyspace, begun::has, () -> memory.share(peer), sender);
      try {
        new BatchRequest(request, operations, compute, READ, lines, flight, sender, slice).run();
      } finally {
        flight.abandon();
      }
    }
  }
}
