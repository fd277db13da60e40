package dev.nebulastore.http;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes to another stream in pieces, and checks a time slice after each.
 *
 * <p>Threads: confined to that of the slice.
 */
final class SlicedOutput extends OutputStream {

  static final int PIECE = 64 << 10;

  private final OutputStream out;
  private final Runnable check;

  SlicedOutput(OutputStream out, Runnable check) {
    this.out = out;
    this.check = check;
  }

  @Override
  public void write(int b) throws IOException {
    out.write(b);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    int written = 0;
    while (written < length) {
      int piece = Math.min(PIECE, length - written);
      out.write(bytes, from + written, piece);
      written += piece;
      check.run();
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }
}
