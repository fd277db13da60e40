package dev.nebulastore.http;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Passes on what is written in pieces, and checks a {@link TimeSlice} after each.
 *
 * <p>Threads: confined to that of the slice.
 */
final class SlicedOutput extends OutputStream {

  static final int PIECE = 64 << 10;

  private final OutputStream out;
  private final TimeSlice slice;

  SlicedOutput(OutputStream out, TimeSlice slice) {
    this.out = out;
    this.slice = slice;
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
      slice.check();
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }
}
