package dev.nebulastore.api.access;

import dev.nebulastore.api.access.AccessRules.Rule;
import dev.nebulastore.api.codec.KeyCodec;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.security.AccessDenied;
import dev.nebulastore.security.Caller;
import dev.nebulastore.security.Gate;
import dev.nebulastore.security.RequestCaller;
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
 * <p>Threads: immutable.
 */
final class AccessFilter extends HttpFilter {

  /** No inline scripts, nothing from elsewhere, and in no frame. */
  private static final String PAGE_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'"
          + " data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private final transient Gate gate;
  private final transient AccessRules rules;
  private final transient Origins origins;
  private final transient Problems problems;

  AccessFilter(Gate gate, AccessRules rules, Origins origins, Problems problems) {
    this.gate = gate;
    this.rules = rules;
    this.origins = origins;
    this.problems = problems;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Rule rule = rules.of(request.getRequestURI());
    describe(request, response, rule);
    origins.describe(request, response);
    try {
      if (isAnswered(request, response, rule)) {
        return;
      }
    } catch (AccessDenied | ApiException e) {
      problems.write(request, response, e, null);
      return;
    }
    chain.doFilter(request, response);
  }

  /**
   * Adds what browsers need to know of everything but values, which have headers of their own, and
   * answers without a body.
   */
  private static void describe(
      HttpServletRequest request, HttpServletResponse response, Rule rule) {
    if (request.getRequestURI().startsWith(KeyCodec.PREFIX)
        || request.getMethod().equals("OPTIONS")) {
      return;
    }
    response.setHeader("X-Content-Type-Options", "nosniff");
    if (rule instanceof Rule.Page) {
      response.setHeader("Content-Security-Policy", PAGE_POLICY);
      response.setHeader("Referrer-Policy", "no-referrer");
    }
  }

  /** Admits the request, or answers it if it is a preflight. */
  private boolean isAnswered(HttpServletRequest request, HttpServletResponse response, Rule rule) {
    String path = request.getRequestURI();
    if (!path.startsWith(KeyCodec.PREFIX) && !AccessRules.isCanonical(path)) {
      throw new ApiException(
          Problem.NOT_FOUND,
          "Outside /kv/, a path must have its canonical form: without escapes, parameters, empty"
              + " segments and dot segments.");
    }
    if (rule instanceof Rule.Everybody) {
      return false;
    }
    Gate.Sender sender = ServletSender.of(request, gate.knowsCertificates());
    if (rule instanceof Rule.Page || request.getMethod().equals("OPTIONS")) {
      gate.admit(sender);
    } else {
      Caller caller = gate.identify(sender);
      if (rule instanceof Rule.With(var role)) {
        caller.require(role);
      }
      RequestCaller.keep(request, caller);
    }
    if (origins.refuses(request)) {
      throw AccessDenied.ofOrigin();
    }
    return Origins.isPreflight(request) && Origins.answer(path, response);
  }
}
