package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.AddressLimit;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ErrorAnswers;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.http.ReservedHead;
import dev.nebulastore.http.ServerSettings;
import java.util.function.Consumer;
import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.buf.StringCache;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;

/**
 * Sets up Tomcat for a port: its limits, the valves, and raw paths.
 *
 * <p>Threads: immutable.
 *
 * @param answers answers Tomcat's own errors
 * @param admission limits the requests and the connections of this port
 * @param addresses limits the connections of one address to this port
 * @param reserved recognises requests with reserved permits
 * @param compute limits how long pipelined requests run
 * @param settings how the server is set up
 */
record BoundedPort(
    ErrorAnswers answers,
    Admission admission,
    AddressLimit addresses,
    ReservedHead reserved,
    ComputeThreads compute,
    ServerSettings settings) {

  /** Characters that clients send unencoded, against RFC 3986. */
  private static final String RELAXED = "\"<>[\\]^`{|}";

  /**
   * Sets a server up before it is made.
   *
   * @param further sets up the protocol further
   */
  void setUp(TomcatServletWebServerFactory factory, Consumer<BoundedProtocol> further) {
    factory.setProtocol(BoundedProtocol.class.getName());
    factory.addConnectorCustomizers(connector -> {
      if (connector.getProtocolHandler() instanceof BoundedProtocol protocol) {
        protocol.admitBy(
            admission,
            addresses,
            new PreparedAnswers(
                answers.overloaded(Overloaded.byRequests(admission.maxRequests())),
                answers.overloaded(Overloaded.byConnections(admission.maxConnections())),
                answers.overloaded(Overloaded.byAddress(addresses.max())),
                answers.overloaded(Overloaded.byStreams(StreamLimit.bodies(settings.streams()))),
                answers.badRequest(AdmittedStreams.MALFORMED)),
            reserved,
            compute,
            settings.streams());
        further.accept(protocol);
      }
      RawPathAdapter.install(connector, settings.rawPrefix(), compute);
      setUp(connector);
    });
    factory.addContextCustomizers(context -> {
      var pipeline = context.getParent().getPipeline();
      pipeline.addValve(new ErrorValve(answers));
      pipeline.addValve(new ConnectionValve());
    });
  }

  private void setUp(Connector connector) {
    connector.setProperty("relaxedPathChars", RELAXED);
    connector.setProperty("relaxedQueryChars", RELAXED);
    // The fast path does not send Keep-Alive either.
    connector.setProperty("useKeepAliveResponseHeader", "false");
    // The rest of a refused body is read and dropped, so that the client reads the answer.
    connector.setProperty("maxSwallowSize", Long.toString(settings.largestBody()));
    // A request that is refused by its head is answered before its body is sent.
    connector.setProperty("continueResponseTiming", "onRead");
    // It would keep the headers that are sent most often, tokens among them, for good.
    new StringCache().setByteEnabled(false);
  }
}
