package dev.nebulastore.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * The methods that something takes, as a controller tells them.
 *
 * @param subject begins the sentence "… takes GET, HEAD"
 * @param allow the value of the Allow header
 */
record AllowedMethods(String subject, String allow) {

  static final AllowedMethods OF_KEY =
      new AllowedMethods("A key", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
  static final AllowedMethods OF_KEYS =
      new AllowedMethods(KeysController.PATH, "GET, HEAD, DELETE, OPTIONS");
  static final AllowedMethods OF_BATCH = new AllowedMethods(BatchController.PATH, "POST, OPTIONS");

  /** Answers OPTIONS. */
  void tell(HttpServletResponse response) {
    response.setHeader("Allow", allow);
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
  }

  /** The refusal of the method of a request. */
  ApiException refuse(HttpServletRequest request, HttpServletResponse response) {
    response.setHeader("Allow", allow);
    return new ApiException(
        Problem.METHOD_NOT_ALLOWED,
        subject + " takes " + allow + "; not " + request.getMethod() + ".");
  }
}
