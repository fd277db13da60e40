package dev.nebulastore.api;

import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.kv.TransactionOutcome.Committed;
import dev.nebulastore.kv.TransactionOutcome.Conflict;
import dev.nebulastore.router.Keyspace;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Takes transactions.
 *
 * <p>Threads: immutable.
 */
@RestController
final class TransactionController {

  private static final String PATH = "/txn";

  /** A transaction is there as bytes and as commands; beside that one string at a time is read. */
  private static final int COPIES = 2;

  private final Keyspace keyspace;
  private final Problems problems;
  private final ResultJsonWriter answers;
  private final TransactionReader reader;
  private final ContentMemory memory;
  private final ComputeThreads compute;
  private final int maxSize;

  TransactionController(
      Keyspace keyspace,
      Problems problems,
      ContentMemory memory,
      ComputeThreads compute,
      ClientTime time,
      ApiProperties properties) {
    this.keyspace = keyspace;
    this.problems = problems;
    this.answers = new ResultJsonWriter(problems, time);
    this.reader = new TransactionReader(new OperationParser(properties));
    this.memory = memory;
    this.compute = compute;
    this.maxSize = Math.toIntExact(properties.limits().transactionSize().toBytes());
  }

  /** Carries one out: all of it at one moment, or nothing. */
  @PostMapping(path = PATH, consumes = MediaType.APPLICATION_JSON_VALUE)
  void transact(HttpServletRequest request, HttpServletResponse response) throws IOException {
    QueryString.refuseAll(request.getQueryString());
    ValueReader.refuseCodings(request.getHeaders("Content-Encoding"));
    try (Share share = memory.share(ExactContentType.peer(request))) {
      TimeSlice slice = compute.slice();
      byte[] body = body(request, share, slice);
      Transaction transaction = compute.run(body.length, () -> reader.read(body));
      TransactionOutcome outcome = keyspace.execute(transaction, new ShareBudget(share));
      switch (outcome) {
        case Committed committed -> write(request, response, transaction, committed, slice);
        case Conflict conflict -> problems.write(request, response, Refusal.of(conflict));
      }
    }
  }

  private byte[] body(HttpServletRequest request, Share share, TimeSlice slice) throws IOException {
    long length = request.getContentLengthLong();
    byte[] body =
        length > maxSize ? null : share.read(request.getInputStream(), length, maxSize, slice);
    if (body == null || body.length > maxSize) {
      throw new ApiException(
          Problem.CONTENT_TOO_LARGE, "A transaction has at most " + maxSize + " bytes here.");
    }
    share.need((long) COPIES * body.length);
    return body;
  }

  /** Written as it goes: what was read may be many times what was sent. */
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
    OutputStream taken = ExactContentType.peer(request).taking(response.getOutputStream());
    NestedJson.write(
        slice.over(taken),
        out -> {
          out.writeStartObject();
          out.writeBooleanProperty("succeeded", committed.succeeded());
          out.writeName("results");
          out.writeStartArray();
          for (int i = 0; i < results.size(); i++) {
            answers.write(out, commands.get(i), results.get(i), PATH, slice);
          }
          out.writeEndArray();
          out.writeEndObject();
        });
  }
}
