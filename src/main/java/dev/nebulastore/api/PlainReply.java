package dev.nebulastore.api;

import dev.nebulastore.http.ResponseBuffer;

/**
 * The answer to a plain request.
 *
 * <p>Threads: confined to its event loop's.
 */
record PlainReply(ResponseBuffer answer) implements Reply {

  @Override
  public void status(int status) {
    answer.status(status);
  }

  @Override
  public void header(String name, String value) {
    answer.header(name, value);
  }

  @Override
  public void contentType(String type) {
    answer.header("Content-Type", type);
  }

  @Override
  public void body(byte[] bytes) {
    answer.body(bytes);
  }
}
