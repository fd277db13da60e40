package dev.nebulastore.http.tomcat;

/**
 * The complete answers, as bytes, to requests that are not read.
 *
 * @param requests beyond the limit of requests
 * @param connections beyond the limit of connections
 * @param ofAddress beyond the limit of connections of one address
 * @param streams beyond the limit of streams
 * @param malformed with a head that is not valid in HTTP/2
 */
@SuppressWarnings("ArrayRecordComponent")
record PreparedAnswers(
    byte[] requests, byte[] connections, byte[] ofAddress, byte[] streams, byte[] malformed) {}
