package dev.nebulastore.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers requests that are refused before a handler sees them. */
public interface ErrorAnswers {

  /** The detail for a body that ended early, or whose client stopped sending. */
  String BODY_CUT_SHORT = "The body ended or stalled before its announced length.";

  /**
   * The complete answer, as bytes, to a request that is not read; the connection is closed after
   * it.
   */
  byte[] overloaded(Overloaded refusal);

  /**
   * The complete answer, as bytes, to a request that can't be understood.
   *
   * @param detail what is wrong with it, in a sentence
   */
  byte[] badRequest(String detail);

  /**
   * Answers with an error of which the server knows only the status. The response is still empty.
   *
   * @param status 400 or greater
   * @param detail what is wrong with this request, in a sentence
   */
  void answer(HttpServletRequest request, HttpServletResponse response, int status, String detail)
      throws IOException;
}
