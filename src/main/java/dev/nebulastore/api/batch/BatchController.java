package dev.nebulastore.api.batch;

import dev.nebulastore.api.answer.ProblemBoundary;
import dev.nebulastore.api.answer.ResultJsonWriter;
import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.OperationParser;
import dev.nebulastore.api.codec.QueryString;
import dev.nebulastore.api.codec.ValueReader;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.Peer;
import dev.nebulastore.http.RawPath;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.security.RequestCaller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves {@code /batch}: each line of the body is an operation, and is answered by a line of its
 * own, in order, while more lines arrive. Operations begin as they arrive, and many are in flight
 * at once. When the client pauses, all operations in flight are answered and sent.
 *
 * <p>Threads: immutable; a request is served by its own thread alone.
 */
@RestController
@RequestMapping(AllowedMethods.BATCH)
final class BatchController {

  private static final Logger log = LoggerFactory.getLogger(BatchController.class);
  private static final String LINES = "application/x-ndjson";

  /** The bytes that a read may take uncounted, and its command. */
  private static final long READ = ContentBudget.SMALL + 200;

  private final Keyspace keyspace;
  private final RequestAudit audit;
  private final ProblemBoundary boundary;
  private final OperationParser operations;
  private final Problems problems;
  private final ClientTime time;
  private final ContentMemory memory;
  private final ComputeThreads compute;

  BatchController(
      Keyspace keyspace,
      RequestAudit audit,
      Problems problems,
      OperationParser operations,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time) {
    this.keyspace = keyspace;
    this.audit = audit;
    this.boundary =
        new ProblemBoundary(
            problems,
            AllowedMethods.OF_BATCH,
            "A batch is sent to " + AllowedMethods.BATCH + ".",
            failure -> log.error("A batch was broken off", failure));
    this.operations = operations;
    this.memory = memory;
    this.compute = compute;
    this.problems = problems;
    this.time = time;
  }

  /** Executes operations as they arrive. */
  @PostMapping
  void post(HttpServletRequest request, HttpServletResponse response) throws IOException {
    boundary.serve(request, response, () -> batch(request, response));
  }

  /** Tells the allowed methods. */
  @RequestMapping(method = RequestMethod.OPTIONS)
  void options(HttpServletRequest request, HttpServletResponse response) throws IOException {
    boundary.options(request, response);
  }

  /** Refuses any other method. */
  @RequestMapping
  void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
    boundary.refuse(request, response);
  }

  private void batch(HttpServletRequest request, HttpServletResponse response) throws IOException {
    QueryString.parse(request.getQueryString(), Set.of());
    ValueReader.refuseCodings(request.getHeaders("Content-Encoding"));
    String type = request.getContentType();
    if (type == null || !type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(LINES)) {
      response.setHeader("Accept", LINES);
      throw new ApiException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "A batch is " + LINES + ": an operation a line.");
    }
    response.setContentType(LINES);
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    TimeSlice slice = compute.slice();
    Peer peer = ClientConnection.of(request).peer();
    ResultJsonWriter answers =
        new ResultJsonWriter(problems, time, RawPath.prefix(request), AllowedMethods.BATCH);
    BatchSender sender = new BatchSender(answers, peer.taking(response.getOutputStream()), slice);
    try (Share read = memory.share(peer);
        Share begun = memory.share(peer)) {
      NdjsonReader lines =
          new NdjsonReader(request.getInputStream(), operations.maxLength(), read::has);
      Keyspace keys = audit.writes(keyspace, request);
      Pipeline pipeline = new Pipeline(keys, begun::has, () -> memory.share(peer), sender);
      try {
        new BatchRequest(
                request,
                RequestCaller.of(request),
                audit,
                operations,
                compute,
                READ,
                lines,
                pipeline,
                sender,
                slice)
            .run();
      } finally {
        pipeline.abandon();
      }
    }
  }
}
