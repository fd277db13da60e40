package dev.nebulastore.security;

import jakarta.servlet.http.HttpServletRequest;

/**
 * The caller of a request in the servlet container, kept with the request.
 *
 * <p>Threads: immutable.
 */
public final class RequestCaller {

  private static final String ATTRIBUTE = RequestCaller.class.getName();

  private RequestCaller() {}

  /** Keeps who sends a request. */
  public static void keep(HttpServletRequest request, Caller caller) {
    request.setAttribute(ATTRIBUTE, caller);
  }

  /** Who sends a request; fails if nobody has asked the {@link Gate}. */
  public static Caller of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Caller caller) {
      return caller;
    }
    throw new IllegalStateException("The request did not pass the gate");
  }

  /** The id of who sends a request; empty if that is not known. */
  public static String id(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof Caller caller ? caller.id() : "";
  }
}
