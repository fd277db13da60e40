package dev.nebulastore.api.access;

import dev.nebulastore.api.access.AccessRules.Rule;
import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.codec.KeyCodec;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.api.error.Refusal;
import dev.nebulastore.http.CallerLimits;
import dev.nebulastore.http.CallerUsage;
import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.http.Peer;
import dev.nebulastore.http.RawPath;
import dev.nebulastore.security.AccessDenied;
import dev.nebulastore.security.Caller;
import dev.nebulastore.security.Gate;
import dev.nebulastore.security.RequestCaller;
import dev.nebulastore.security.Role;
import dev.nebulastore.security.VerificationUnavailable;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Asks the gate who sends a request, before anything else sees it. It is the first filter, of the
 * server and of a management port of its own.
 *
 * <p>Only {@code ForwardedHeaderFilter} precedes it, if the operator lets headers of proxies count.
 * What they say is used for links, and never to decide who sends a request.
 *
 * <p>Threads: immutable.
 */
final class AccessFilter extends HttpFilter {

  /** No inline scripts, nothing from elsewhere, and in no frame. */
  private static final String PAGE_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'"
          + " data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private static final String NO_REASON = "The endpoint gave no reason.";

  private final transient Gate gate;
  private final transient AccessRules rules;
  private final transient Origins origins;
  private final transient CallerLimits limits;
  private final transient Problems problems;
  private final transient RequestAudit audit;

  AccessFilter(
      Gate gate,
      AccessRules rules,
      Origins origins,
      CallerLimits limits,
      Problems problems,
      RequestAudit audit) {
    this.gate = gate;
    this.rules = rules;
    this.origins = origins;
    this.limits = limits;
    this.problems = problems;
    this.audit = audit;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Rule rule = rules.of(RawPath.of(request));
    describe(request, response, rule);
    origins.describe(request, response);
    if (rule instanceof Rule.Everybody) {
      chain.doFilter(request, response);
      complete(request, response);
      return;
    }
    Gate.Sender sender = ServletSender.of(request, gate.knowsCertificates());
    String caller = "";
    Exception denial = null;
    try {
      caller = admit(request, sender, rule);
    } catch (AccessDenied | VerificationUnavailable | ApiException e) {
      denial = e;
    }
    CallerUsage usage;
    try {
      usage = limits.begin(caller, sender.address());
    } catch (Overloaded e) {
      problems.write(request, response, e, null);
      return;
    }
    try (usage) {
      if (denial != null) {
        problems.write(request, response, denial, null);
      } else if (Origins.isPreflight(request)) {
        Origins.answer(RawPath.of(request), response);
      } else {
        serve(request, response, chain, rule, usage);
      }
    }
  }

  private void serve(
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain,
      Rule rule,
      CallerUsage usage)
      throws IOException, ServletException {
    if (!isAct(request, rule)) {
      passOn(request, response, chain, usage);
      return;
    }
    try {
      audit.reserveAct();
    } catch (Overloaded e) {
      problems.write(request, response, e, null);
      return;
    }
    audit.act(request, response, () -> passOn(request, response, chain, usage));
  }

  private void passOn(
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain,
      CallerUsage usage)
      throws IOException, ServletException {
    Peer peer = ClientConnection.of(request).peer();
    peer.isOf(usage);
    try {
      chain.doFilter(request, response);
      complete(request, response);
    } finally {
      peer.isOf(CallerUsage.UNLIMITED);
    }
  }

  /** An endpoint of Actuator answers for a missing part of it with the status alone. */
  private void complete(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    int status = response.getStatus();
    if (status >= HttpServletResponse.SC_BAD_REQUEST
        && response.getContentType() == null
        && !response.isCommitted()) {
      Problem problem = Problem.ofStatus(status);
      String detail = problem == Problem.NOT_FOUND ? "There is nothing at this path." : NO_REASON;
      problems.write(request, response, problem, Refusal.Facts.of(detail));
    }
  }

  /** Whether an administrator asks for more than to read. */
  private static boolean isAct(HttpServletRequest request, Rule rule) {
    return rule instanceof Rule.With(var role) && role == Role.ADMIN && !Origins.isSafe(request);
  }

  /**
   * Adds what browsers need to know of everything but values, which have headers of their own, and
   * answers without a body.
   */
  private static void describe(
      HttpServletRequest request, HttpServletResponse response, Rule rule) {
    if (RawPath.of(request).startsWith(KeyCodec.PREFIX) || request.getMethod().equals("OPTIONS")) {
      return;
    }
    response.setHeader("X-Content-Type-Options", "nosniff");
    if (rule instanceof Rule.Page) {
      response.setHeader("Content-Security-Policy", PAGE_POLICY);
      response.setHeader("Referrer-Policy", "no-referrer");
    }
  }

  /** Admits the request; returns the id of its caller, which is empty if it has none. */
  private String admit(HttpServletRequest request, Gate.Sender sender, Rule rule) {
    String path = RawPath.of(request);
    if (!path.startsWith(KeyCodec.PREFIX) && !AccessRules.isCanonical(path)) {
      throw new ApiException(
          Problem.NOT_FOUND,
          "Outside /kv/, a path must have its canonical form: without escapes, parameters, empty"
              + " segments and dot segments.");
    }
    if (RawPath.hasWrongPrefix(request)) {
      throw new ApiException(
          Problem.INVALID_REQUEST,
          "X-Forwarded-Prefix is not a path such as /store, without escapes and a final slash.");
    }
    String id = "";
    if (rule instanceof Rule.Page || request.getMethod().equals("OPTIONS")) {
      gate.admit(sender);
    } else {
      Caller caller = gate.identify(sender);
      RequestCaller.keep(request, caller);
      if (rule instanceof Rule.With(var role)) {
        caller.require(role);
      }
      id = caller.id();
    }
    if (origins.refuses(request)) {
      throw AccessDenied.ofOrigin();
    }
    return id;
  }
}
