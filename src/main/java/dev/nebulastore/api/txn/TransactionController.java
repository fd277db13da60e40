package dev.nebulastore.api.txn;

import dev.nebulastore.api.answer.OutcomeProblems;
import dev.nebulastore.api.answer.ResultJsonWriter;
import dev.nebulastore.api.answer.ShareBudget;
import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.NestedJson;
import dev.nebulastore.api.codec.OperationParser;
import dev.nebulastore.api.codec.QueryString;
import dev.nebulastore.api.codec.RequestLimits;
import dev.nebulastore.api.codec.ValueReader;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.RawPath;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.kv.TransactionOutcome.Committed;
import dev.nebulastore.kv.TransactionOutcome.Conflict;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.security.RequestCaller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves transactions at {@code /txn}.
 *
 * <p>Threads: immutable.
 */
@RestController
@RequestMapping(AllowedMethods.TXN)
final class TransactionController {

  /** A transaction exists as bytes and as commands. */
  private static final int COPIES = 2;

  private final Keyspace keyspace;
  private final RequestAudit audit;
  private final Problems problems;
  private final ClientTime time;
  private final TransactionReader reader;
  private final ContentMemory memory;
  private final ComputeThreads compute;
  private final int maxSize;

  TransactionController(
      Keyspace keyspace,
      RequestAudit audit,
      Problems problems,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time,
      OperationParser operations,
      RequestLimits limits) {
    this.keyspace = keyspace;
    this.audit = audit;
    this.problems = problems;
    this.time = time;
    this.reader = new TransactionReader(operations, limits.transactionKeys());
    this.memory = memory;
    this.compute = compute;
    this.maxSize = Math.toIntExact(limits.transactionSize().toBytes());
  }

  /** Executes a transaction atomically. */
  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  void transact(HttpServletRequest request, HttpServletResponse response) throws IOException {
    QueryString.refuseAll(request.getQueryString());
    ValueReader.refuseCodings(request.getHeaders("Content-Encoding"));
    try (Share share = memory.share(ClientConnection.of(request).peer())) {
      TimeSlice slice = compute.slice();
      byte[] body = body(request, share, slice);
      Transaction transaction = compute.run(body.length, () -> reader.read(body));
      RequestCaller.of(request).require(transaction);
      TransactionOutcome outcome =
          audit.writes(keyspace, request).execute(transaction, new ShareBudget(share));
      switch (outcome) {
        case Committed committed -> write(request, response, transaction, committed, slice);
        case Conflict conflict -> problems.write(request, response, OutcomeProblems.of(conflict));
      }
    }
  }

  /** Tells the allowed methods. */
  @RequestMapping(method = RequestMethod.OPTIONS)
  void options(HttpServletResponse response) {
    AllowedMethods.OF_TXN.tell(response);
  }

  /** Refuses any other method, and content of another type. */
  @RequestMapping
  void refuse(HttpServletRequest request, HttpServletResponse response) {
    if (!request.getMethod().equals("POST")) {
      throw AllowedMethods.OF_TXN.refuse(request, response);
    }
    response.setHeader("Accept", MediaType.APPLICATION_JSON_VALUE);
    throw new ApiException(
        Problem.UNSUPPORTED_MEDIA_TYPE,
        "A transaction is " + MediaType.APPLICATION_JSON_VALUE + ", one object.");
  }

  private byte[] body(HttpServletRequest request, Share share, TimeSlice slice) throws IOException {
    long length = request.getContentLengthLong();
    byte[] body =
        length > maxSize ? null : share.read(request.getInputStream(), length, maxSize, slice);
    if (body == null || body.length > maxSize) {
      throw new ApiException(
          Problem.CONTENT_TOO_LARGE, "A transaction is limited to " + maxSize + " bytes.");
    }
    share.need((long) COPIES * body.length);
    return body;
  }

  /** Streams the results, which may be much larger than the request. */
  private void write(
      HttpServletRequest request,
      HttpServletResponse response,
      Transaction transaction,
      Committed committed,
      TimeSlice slice)
      throws IOException {
    List<Command> commands = committed.succeeded() ? transaction.then() : transaction.otherwise();
    List<Outcome> results = committed.results();
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setHeader("Cache-Control", "no-store");
    ResultJsonWriter answers =
        new ResultJsonWriter(problems, time, RawPath.prefix(request), AllowedMethods.TXN);
    OutputStream taken = ClientConnection.of(request).peer().taking(response.getOutputStream());
    NestedJson.write(
        slice.over(taken),
        out -> {
          out.writeStartObject();
          out.writeBooleanProperty("succeeded", committed.succeeded());
          out.writeName("results");
          out.writeStartArray();
          for (int i = 0; i < results.size(); i++) {
            answers.write(out, commands.get(i), results.get(i), slice);
          }
          out.writeEndArray();
          out.writeEndObject();
        });
  }
}
