package dev.nebulastore.api;

import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.router.Keyspace;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves one key at {@code /kv/{key}}: the head and the body of a request become a {@link Command}
 * ({@link CommandReader}), the {@link Keyspace} has it carried out, and the {@link Outcome} becomes
 * the response ({@link ResponseWriter}).
 *
 * <p>It serves everything that the contract says of a key. {@link FastKvHandler} answers common
 * requests before they come here, with the same bytes (docs/decisions/0029-controllers-first.md).
 *
 * <p>Nothing is left to Spring MVC but to find the method: it sees {@value KeyCodec#PREFIX} in
 * place of the key ({@link KeyPathFilter}), since it would decode and take apart what is to be a
 * key.
 *
 * <p>Threads: immutable.
 */
@RestController
// The first of both is what Spring MVC sees, and finds without trying one mapping after the other.
@RequestMapping({KeyCodec.PREFIX, KeyCodec.PREFIX + "**"})
final class KeyValueController {

  private final Keyspace keyspace;
  private final LongPoll polls;
  private final Problems problems;
  private final CommandReader reader;
  private final ResponseWriter writer;
  private final ContentMemory memory;
  private final ComputeThreads compute;

  KeyValueController(
      Keyspace keyspace,
      LongPoll polls,
      Problems problems,
      CommandReader reader,
      ResponseWriter writer,
      ContentMemory memory,
      ComputeThreads compute) {
    this.keyspace = keyspace;
    this.polls = polls;
    this.problems = problems;
    this.reader = reader;
    this.writer = writer;
    this.memory = memory;
    this.compute = compute;
  }

  /** Reads a value; a GET may prefer to wait for another one. */
  @RequestMapping(method = {RequestMethod.GET, RequestMethod.HEAD})
  void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        (asked, share) -> {
          Command.Get get = reader.get(asked);
          Duration wait =
              request.getMethod().equals("GET") ? PreferHeader.wait(asked.headers("Prefer")) : null;
          ShareBudget budget = new ShareBudget(share);
          if (wait == null) {
            return keyspace.execute(get, budget);
          }
          ClientPresence client = ClientPresence.of(ExactContentType.tomcat(request));
          Outcome outcome = polls.read(get, wait, budget, client);
          response.setHeader("Preference-Applied", "wait=" + wait.toSeconds());
          return outcome;
        });
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
          return keyspace.execute(head.with(body));
        });
  }

  /** Changes the expiry alone. */
  @PatchMapping
  void touch(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        (asked, share) -> keyspace.execute(reader.touch(asked), new ShareBudget(share)));
  }

  /** Deletes an entry, if there is one. */
  @DeleteMapping
  void delete(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(request, response, (asked, _) -> keyspace.execute(reader.delete(asked)));
  }

  /** Says which methods there are. */
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

  /** What is done for a request; null if it has been answered. */
  private interface Service {
    @Nullable Outcome serve(KeyRequest asked, Share share) throws IOException;
  }

  private void serve(HttpServletRequest request, HttpServletResponse response, Service service)
      throws IOException {
    Key key = null;
    try (Share share = memory.share(ExactContentType.peer(request))) {
      String path = KeyPathFilter.path(request);
      key = reader.key(path);
      Outcome outcome = service.serve(new KeyRequest.ByServlet(request, key), share);
      if (outcome != null) {
        writer.write(new ServletReply(request, response), key, outcome, share, path);
      }
    } catch (IOException e) {
      // The client went away, or sent less than it said: there is nobody to answer.
      throw e;
    } catch (Exception e) {
      problems.write(request, response, e, key);
    }
  }
}
