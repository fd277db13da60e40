package dev.nebulastore.http.tomcat;

import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioEndpoint;

/**
 * Tomcat's HTTP/1.1 with {@link ConformingProcessor}s.
 *
 * <p>Threads: set up before it starts.
 */
public class ConformingProtocol extends Http11NioProtocol {

  /** Creates a protocol. */
  public ConformingProtocol() {
    this(new NioEndpoint());
  }

  ConformingProtocol(NioEndpoint endpoint) {
    super(endpoint);
  }

  /** Tomcat asks for this when it has parsed a head, and before it examines it. */
  @Override
  public boolean getDisableUploadTimeout() {
    ConformingProcessor.headParsed();
    return super.getDisableUploadTimeout();
  }

  /** Tomcat asks for this when it begins to write the head of a response. */
  @Override
  public boolean useCompression(Request request, Response response) {
    KeptConnection.restoreStatus(request, response);
    return super.useCompression(request, response);
  }

  @Override
  protected Processor createProcessor() {
    return new ConformingProcessor(this, getAdapter());
  }
}
