package dev.nebulastore.api.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.codec.KeyCodec;
import dev.nebulastore.api.error.AccessListener;
import dev.nebulastore.audit.AuditEvent.Administered;
import dev.nebulastore.audit.AuditEvent.Origin;
import dev.nebulastore.audit.AuditEvent.Refused;
import dev.nebulastore.audit.AuditTrail;
import dev.nebulastore.audit.KeyHash;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.kv.Key;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.security.AccessDenied;
import dev.nebulastore.security.Caller;
import dev.nebulastore.security.Refusals;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Counts refused requests, and records in the audit log what requests were refused or did. If no
 * line may be lost and there is no room for it, the request is refused with {@link Overloaded}
 * before it has any effect.
 *
 * <p>Threads: safe for all.
 */
@Component
public final class RequestAudit implements AccessListener {

  /** What an administrator asks for. */
  public interface Act {
    /** Does it, and answers. */
    void run() throws IOException, ServletException;
  }

  /** A change by prefix. */
  public interface PrefixWork {
    /**
     * Does it.
     *
     * @return whether the client was answered
     */
    boolean run() throws IOException;
  }

  private final AuditTrail trail;
  private final Refusals refusals;

  RequestAudit(AuditTrail trail, Refusals refusals) {
    this.trail = trail;
    this.refusals = refusals;
  }

  @Override
  public Exception denied(HttpServletRequest request, AccessDenied denied, @Nullable Key key) {
    refusals.add(denied.kind());
    if (!trail.isOn()) {
      return denied;
    }
    try {
      trail.reserve(1);
    } catch (Overloaded full) {
      return full;
    }
    trail.record(
        new Refused(
            RequestOrigin.of(request),
            key == null ? RequestOrigin.keyOf(request) : RequestOrigin.hash(key),
            denied.kind().code(),
            Status.of(denied)));
    return denied;
  }

  /**
   * Reserves the line of an act.
   *
   * @throws Overloaded if there is no room for it
   */
  public void reserveAct() {
    trail.reserve(1);
  }

  /** Records an act, whose line is reserved. */
  public void act(HttpServletRequest request, HttpServletResponse response, Act act)
      throws IOException, ServletException {
    Integer status = null;
    try {
      act.run();
      status = response.getStatus();
    } finally {
      trail.record(new Administered(RequestOrigin.of(request), null, status));
    }
  }

  /**
   * Records a change by prefix.
   *
   * @throws Overloaded if there is no room for its line
   */
  public void byPrefix(HttpServletRequest request, String prefix, PrefixWork work)
      throws IOException {
    trail.reserve(1);
    Integer status = null;
    try {
      status = work.run() ? Status.OK : null;
    } catch (RuntimeException e) {
      status = Status.of(e);
      throw e;
    } finally {
      trail.record(
          new Administered(RequestOrigin.of(request), KeyHash.of(prefix.getBytes(UTF_8)), status));
    }
  }

  /** Whether writes are recorded. */
  public boolean recordsWrites() {
    return trail.hasWrites();
  }

  /** All keys, for a request whose writes are recorded if that is set. */
  public Keyspace writes(Keyspace keyspace, HttpServletRequest request) {
    return trail.hasWrites()
        ? new AuditedKeyspace(keyspace, trail, RequestOrigin.of(request))
        : keyspace;
  }

  /**
   * All keys, for a request of the fast path whose writes are recorded if that is set.
   *
   * @param address of the peer; null if it is not known
   */
  public Keyspace writes(
      Keyspace keyspace, Caller caller, @Nullable InetAddress address, String method) {
    if (!trail.hasWrites()) {
      return keyspace;
    }
    String peer = address == null ? "" : address.getHostAddress();
    Origin origin = new Origin(caller.id(), peer, method, KeyCodec.PREFIX);
    return new AuditedKeyspace(keyspace, trail, origin);
  }

  /** Says that nobody will ask for the outcome of a command, since its client has gone. */
  public static void abandon(Keyspace.Pending pending) {
    if (pending instanceof AuditedWrite write) {
      write.abandon();
    }
  }
}
