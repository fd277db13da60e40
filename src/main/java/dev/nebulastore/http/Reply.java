package dev.nebulastore.http;

import java.io.IOException;

/** Receives an answer: first its status, then its headers, then its body, if any. */
public interface Reply {

  /** What clients have to put before a path of this server: see {@link RawPath#prefix}. */
  default String prefix() {
    return "";
  }

  /** Sets the status. */
  void status(int status);

  /** Adds a header. */
  void header(String name, String value);

  /** Sets the media type exactly as given. */
  void contentType(String type);

  /** Sets the body; an answer to HEAD has only its length. */
  void body(byte[] bytes) throws IOException;
}
