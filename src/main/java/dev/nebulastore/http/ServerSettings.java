package dev.nebulastore.http;

/**
 * How the server is set up.
 *
 * @param fastPath whether event loops may serve common requests
 * @param largestBody the most bytes that a body may have that is not refused for its length
 * @param rawPrefix paths that begin with this reach the servlet as they were sent
 * @param streams the most streams of HTTP/2 at a time, of all connections to a port
 */
public record ServerSettings(boolean fastPath, long largestBody, String rawPrefix, int streams) {}
