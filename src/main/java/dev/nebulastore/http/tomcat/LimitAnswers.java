package dev.nebulastore.http.tomcat;

/**
 * The complete answers, as bytes, to requests beyond a limit, which are not read.
 *
 * @param requests beyond the limit of requests
 * @param connections beyond the limit of connections
 * @param ofAddress beyond the limit of connections of one address
 */
@SuppressWarnings("ArrayRecordComponent")
record LimitAnswers(byte[] requests, byte[] connections, byte[] ofAddress) {}
