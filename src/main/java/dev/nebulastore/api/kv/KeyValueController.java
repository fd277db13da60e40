package dev.nebulastore.api.kv;

import dev.nebulastore.api.answer.ResponseWriter;
import dev.nebulastore.api.answer.ShareBudget;
import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.codec.KeyCodec;
import dev.nebulastore.api.codec.PreferHeader;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.RawPath;
import dev.nebulastore.http.ServletReply;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.security.Caller;
import dev.nebulastore.security.Gate;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves one key at {@code /kv/{key}}: {@link CommandReader} turns a request into a {@link
 * Command}, the {@link Keyspace} executes it, and {@link ResponseWriter} turns the {@link Outcome}
 * into the response.
 *
 * <p>It serves everything that the contract says of a key. {@link FastKvHandler} serves common
 * requests before they arrive here, with the same bytes (docs/decisions/0029-controllers-first.md).
 *
 * <p>Spring MVC only finds the method. It sees {@value KeyCodec#PREFIX} in place of the path
 * ({@link KeyPathFilter}), since it would decode and parse the key.
 *
 * <p>Threads: immutable.
 */
@RestController
// Spring MVC sees the first of both, and finds it by a look-up.
@RequestMapping({KeyCodec.PREFIX, KeyCodec.PREFIX + "**"})
final class KeyValueController {

  private final Gate gate;
  private final Keyspace keyspace;
  private final RequestAudit audit;
  private final LongPoll polls;
  private final Problems problems;
  private final CommandReader reader;
  private final ResponseWriter writer;
  private final PartialContent parts;
  private final ContentMemory memory;
  private final ComputeThreads compute;

  KeyValueController(
      Gate gate,
      Keyspace keyspace,
      RequestAudit audit,
      LongPoll polls,
      Problems problems,
      CommandReader reader,
      ResponseWriter writer,
      ContentMemory memory,
      ComputeThreads compute) {
    this.gate = gate;
    this.keyspace = keyspace;
    this.audit = audit;
    this.polls = polls;
    this.problems = problems;
    this.reader = reader;
    this.writer = writer;
    this.parts = new PartialContent(writer);
    this.memory = memory;
    this.compute = compute;
  }

  /** Reads a value, or a part of it; a GET may wait for a change. */
  @RequestMapping(method = {RequestMethod.GET, RequestMethod.HEAD})
  void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
    boolean head = request.getMethod().equals("HEAD");
    serve(
        request,
        response,
        (asked, share) -> {
          Command.Get get = reader.get(asked);
          Duration wait = head ? null : PreferHeader.wait(asked.headers("Prefer"), polls.longest());
          Outcome outcome =
              wait == null
                  ? keyspace.execute(get, new ShareBudget(share))
                  : await(request, response, asked.caller(), get, wait, share);
          boolean answered =
              !head && parts.answer(new ServletReply(request, response), outcome, share);
          return answered ? null : outcome;
        });
  }

  private Outcome await(
      HttpServletRequest request,
      HttpServletResponse response,
      Caller caller,
      Command.Get get,
      Duration wait,
      Share share) {
    ClientConnection connection = ClientConnection.of(request);
    try (var _ = connection.peer().usage().watch()) {
      Outcome outcome =
          polls.read(
              get,
              wait,
              () -> gate.requireCurrent(caller),
              new ShareBudget(share),
              connection.presence());
      response.setHeader("Preference-Applied", "wait=" + wait.toSeconds());
      return outcome;
    }
  }

  /** Writes a value. */
  @PutMapping
  void put(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        (asked, share) -> {
          CommandReader.PutHead head = reader.put(asked);
          byte[] body = reader.values().read(request, share, compute.slice());
          return audit.writes(keyspace, request).execute(head.with(body));
        });
  }

  /** Adds to a number. */
  @PostMapping
  void add(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        (asked, _) -> audit.writes(keyspace, request).execute(reader.add(asked)));
  }

  /** Changes the expiry alone. */
  @PatchMapping
  void touch(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        (asked, share) ->
            audit.writes(keyspace, request).execute(reader.touch(asked), new ShareBudget(share)));
  }

  /** Deletes an entry, if there is one. */
  @DeleteMapping
  void delete(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        (asked, _) -> audit.writes(keyspace, request).execute(reader.delete(asked)));
  }

  /** Tells the allowed methods. */
  @RequestMapping(method = RequestMethod.OPTIONS)
  void options(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        (_, _) -> {
          AllowedMethods.OF_KEY.tell(response);
          return null;
        });
  }

  /** Refuses any other method. */
  @RequestMapping
  void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        (_, _) -> {
          throw AllowedMethods.OF_KEY.refuse(request, response);
        });
  }

  /** What is done for a request; returns null if it has been answered. */
  private interface Service {
    @Nullable Outcome serve(KeyRequest asked, Share share) throws IOException;
  }

  private void serve(HttpServletRequest request, HttpServletResponse response, Service service)
      throws IOException {
    Key key = null;
    try (Share share = memory.share(ClientConnection.of(request).peer())) {
      String path = RawPath.of(request);
      key = reader.key(path);
      KeyRequest asked = new KeyRequest.ByServlet(request, key);
      Outcome outcome = service.serve(asked, share);
      if (outcome != null) {
        Precondition refusing = Conditions.refusing(outcome, asked);
        writer.write(new ServletReply(request, response), key, outcome, refusing, share, path);
      }
    } catch (IOException e) {
      // There is no client to answer: it has gone, or sent less than it announced.
      throw e;
    } catch (Exception e) {
      problems.write(request, response, e, key);
    }
  }
}
