package dev.nebulastore.http.tomcat;

/** A connection with many requests at a time. */
interface SharedConnection {

  /**
   * Whether no request is served or about to be.
   *
   * @param silence for how many nanoseconds nothing was read or written
   */
  boolean isIdle(long silence);
}
