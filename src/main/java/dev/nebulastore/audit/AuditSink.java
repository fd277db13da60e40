package dev.nebulastore.audit;

import java.io.IOException;

/** Where the lines of the audit log go. Used by one thread alone. */
interface AuditSink extends AutoCloseable {

  /**
   * Writes a line; returns when it is with the operating system.
   *
   * @param line without its line break
   * @throws IOException if the line was not written
   */
  void write(String line) throws IOException;

  @Override
  void close();
}
