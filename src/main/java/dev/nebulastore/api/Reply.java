package dev.nebulastore.api;

import java.io.IOException;

/** Where an answer is written to: its status first, then its headers, then its body, if any. */
interface Reply {

  /** Begins anew with this status. */
  void status(int status);

  /** Adds a header. */
  void header(String name, String value);

  /** Says the media type letter by letter. */
  void contentType(String type);

  /** Adds the body, of which an answer to HEAD has only the length. */
  void body(byte[] bytes) throws IOException;
}
