package dev.nebulastore.http.tomcat;

/** The head of a request is refused while it is parsed. */
final class RefusedHead extends RuntimeException {

  private final int status;

  /**
   * Creates a refusal.
   *
   * @param status of the answer
   * @param detail what is wrong with the head, in a sentence
   */
  RefusedHead(int status, String detail) {
    super(detail, null, false, false);
    this.status = status;
  }

  /** A request line that fills the whole buffer of the head. */
  static RefusedHead ofLongLine(int max) {
    return new RefusedHead(
        414,
        "The request line is longer than "
            + max
            + " bytes (`server.max-http-request-header-size`).");
  }

  int status() {
    return status;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
