package dev.nebulastore.api.kv;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.nebulastore.api.answer.ResponseWriter;
import dev.nebulastore.api.answer.ShareBudget;
import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.codec.KeyCodec;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.CallerLimits;
import dev.nebulastore.http.CallerUsage;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.ErrorAnswers;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.http.Peer;
import dev.nebulastore.http.Reply;
import dev.nebulastore.http.fast.FastHandler;
import dev.nebulastore.http.fast.FastRequest;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.security.AccessDenied;
import dev.nebulastore.security.Caller;
import dev.nebulastore.security.Gate;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Serves plain requests for one key on event loops, as {@link KeyValueController} does. A malformed
 * or refused request is left to the controller, which answers it, and so is one whose token has yet
 * to be verified.
 *
 * <p>Threads: immutable.
 */
final class FastKvHandler implements FastHandler {

  private static final byte[] PREFIX = KeyCodec.PREFIX.getBytes(US_ASCII);

  private final Gate gate;
  private final Keyspace keyspace;
  private final RequestAudit audit;
  private final Problems problems;
  private final CommandReader reader;
  private final ResponseWriter writer;
  private final ContentMemory memory;
  private final CallerLimits limits;

  FastKvHandler(
      Gate gate,
      Keyspace keyspace,
      RequestAudit audit,
      Problems problems,
      CommandReader reader,
      ResponseWriter writer,
      ContentMemory memory,
      CallerLimits limits) {
    this.gate = gate;
    this.keyspace = keyspace;
    this.audit = audit;
    this.problems = problems;
    this.reader = reader;
    this.writer = writer;
    this.memory = memory;
    this.limits = limits;
  }

  @Override
  public boolean serves(byte[] bytes, int from, int length) {
    return length > PREFIX.length
        && Arrays.equals(PREFIX, 0, PREFIX.length, bytes, from, from + PREFIX.length);
  }

  @Override
  public @Nullable Exchange prepare(FastRequest request) {
    try {
      Caller caller = gate.identifyAtOnce(request.sender());
      if (caller == null) {
        return null;
      }
      if (request.sender().proxied() && needsAddress(caller)) {
        // The server may know the address before the proxy.
        return null;
      }
      Key key = reader.key(request.path());
      return new Served(request, caller, key, command(request, key, caller));
    } catch (AccessDenied | ApiException | KvException e) {
      return null;
    }
  }

  private boolean needsAddress(Caller caller) {
    return audit.recordsWrites() || (caller.id().isEmpty() && limits.isActive());
  }

  private Function<byte[], Command> command(FastRequest request, Key key, Caller caller) {
    KeyRequest asked = new KeyRequest.ByFastPath(request, key, caller);
    if (request.method().equals("PUT")) {
      return reader.put(asked)::with;
    }
    Command command = request.method().equals("GET") ? reader.get(asked) : reader.delete(asked);
    return _ -> command;
  }

  /** A command, or the refusal of one. */
  private final class Served implements Exchange {
    private final FastRequest request;
    private final Caller caller;
    private final Key key;
    private final Function<byte[], Command> command;
    private final Share share = memory.share();
    private Keyspace.@Nullable Pending pending;
    private CallerUsage usage = CallerUsage.UNLIMITED;
    private @Nullable RuntimeException refusal;

    Served(FastRequest request, Caller caller, Key key, Function<byte[], Command> command) {
      this.request = request;
      this.caller = caller;
      this.key = key;
      this.command = command;
    }

    @Override
    public void isFrom(Peer peer) {
      try {
        usage = limits.begin(caller.id(), request.sender().address());
      } catch (Overloaded e) {
        refusal = e;
      }
      peer.isOf(usage);
      share.isOf(peer);
    }

    @Override
    public boolean hasRoom(int size) {
      return share.has(size);
    }

    @Override
    public void refuse() {
      share.close();
      refusal = refusal == null ? Overloaded.byContent() : refusal;
    }

    @Override
    public void cutShort() {
      refusal = new ApiException(Problem.INVALID_REQUEST, ErrorAnswers.BODY_CUT_SHORT);
    }

    @Override
    public void begin(byte[] body, Runnable told, Executor wakeUps) {
      if (refusal != null) {
        return;
      }
      try {
        pending =
            audit
                .writes(keyspace, caller, request.sender().address(), request.method())
                .begin(command.apply(body), new ShareBudget(share), told, wakeUps);
      } catch (KvException | Overloaded e) {
        refusal = e;
      }
    }

    @Override
    public boolean answer(Reply reply) throws IOException {
      try {
        Outcome outcome = outcome();
        if (outcome == null) {
          return false;
        }
        Precondition refusing =
            Conditions.refusing(outcome, new KeyRequest.ByFastPath(request, key, caller));
        writer.write(reply, key, outcome, refusing, share, request.path());
      } catch (RuntimeException e) {
        // As the filter answers, which does not know the key.
        boolean atLimit = e instanceof Overloaded limit && limit.isByCaller();
        problems.write(reply, problems.refusal(e, atLimit ? null : key), request.path());
      }
      return true;
    }

    private @Nullable Outcome outcome() {
      if (refusal != null) {
        throw refusal;
      }
      return pending == null ? null : pending.poll();
    }

    @Override
    public void close() {
      share.close();
      usage.close();
      if (pending != null) {
        RequestAudit.abandon(pending);
      }
    }
  }
}
