package dev.nebulastore.http.tomcat;

import dev.nebulastore.http.AddressLimit;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.ConnectionLimit;
import dev.nebulastore.http.ReservedHead;
import dev.nebulastore.http.fast.FastHandler;
import dev.nebulastore.http.fast.FastPath;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/1.1, with an {@link Admission} before it, less memory for each connection, and
 * {@link ConformingProcessor}s. Tomcat makes it by its name.
 *
 * <p>Threads: set up before it starts.
 */
public final class BoundedProtocol extends Http11NioProtocol {

  /** Answers are written in pieces of this size. */
  private static final int WRITE_BUFFER = 2 << 10;

  private final BoundedEndpoint endpoint;
  private final StrictHeads strict = new StrictHeads();
  private final StreamedConnections streamed;
  private @Nullable StreamLimit streams;
  private @Nullable Admission admission;
  private @Nullable PreparedAnswers answers;
  private ReservedHead reserved = ReservedHead.NONE;
  private @Nullable ComputeThreads compute;
  private @Nullable FastPath fastPath;
  private final ClientPoller clients = new ClientPoller();

  /** One thread that takes work without a lock, and ends when there is none. */
  private final ForkJoinPool closer =
      new ForkJoinPool(
          1,
          pool -> {
            ForkJoinWorkerThread thread =
                ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
            thread.setName("connection-closer");
            return thread;
          },
          null,
          true);

  /** Creates a protocol; {@link #admitBy} is called before it starts. */
  public BoundedProtocol() {
    this(new BoundedEndpoint());
  }

  private BoundedProtocol(BoundedEndpoint endpoint) {
    super(endpoint);
    this.endpoint = endpoint;
    this.streamed = new StreamedConnections(endpoint, Runtime.getRuntime().maxMemory());
    getEndpoint().getSocketProperties().setAppReadBufSize(ConnectionLimit.READ_BUFFER);
    getEndpoint().getSocketProperties().setAppWriteBufSize(WRITE_BUFFER);
    // With a large heap Tomcat would reuse the objects of closed connections, and a late eviction
    // would hit another client.
    getEndpoint().getSocketProperties().setBufferPool(0);
  }

  /**
   * Sets the limits, before the start.
   *
   * @param addresses limits the connections of one address
   * @param answers the complete answers to requests beyond a limit; the connection is closed after
   *     it
   * @param reserved recognises requests with reserved permits
   * @param compute limits how long pipelined requests run
   * @param streams the most streams of HTTP/2 at a time
   */
  void admitBy(
      Admission admission,
      AddressLimit addresses,
      PreparedAnswers answers,
      ReservedHead reserved,
      ComputeThreads compute,
      int streams) {
    this.admission = admission;
    this.answers = answers;
    this.reserved = reserved;
    this.compute = compute;
    this.streams = new StreamLimit(streams);
    endpoint.limitBy(admission, addresses);
    setMaxConnections(admission.maxConnections() + ConnectionLimit.TO_BE_REFUSED);
  }

  /**
   * Turns the fast path on, before the start and after {@link #admitBy}. It does not apply to
   * encrypted connections.
   */
  void servePlain(FastHandler service) {
    FastPathHandler handler =
        new FastPathHandler(endpoint, service, Objects.requireNonNull(admission));
    endpoint.setHandler(handler);
    endpoint.findInLoops(handler::inLoop);
    fastPath = handler.loops();
  }

  @Override
  public void start() throws Exception {
    clients.start();
    if (fastPath != null) {
      fastPath.start();
    }
    super.start();
  }

  @Override
  public void pause() throws Exception {
    if (fastPath != null) {
      fastPath.awaitAnswers();
    }
    super.pause();
  }

  @Override
  public void stop() throws Exception {
    super.stop();
    clients.stop();
    if (fastPath != null) {
      fastPath.stop();
    }
  }

  /** The buffer in which an answer is collected before it is sent. */
  @Override
  public int getDesiredBufferSize() {
    return WRITE_BUFFER;
  }

  @Override
  public void setAdapter(Adapter adapter) {
    super.setAdapter(new SlicedAdapter(adapter));
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

  private Processor conformingProcessor() {
    var processor = new ConformingProcessor(this, getAdapter());
    return strict.in(processor, getMaxHttpRequestHeaderSize());
  }

  /** Replaces Tomcat's own HTTP/2, which Spring Boot adds. */
  @Override
  public void addUpgradeProtocol(UpgradeProtocol protocol) {
    super.addUpgradeProtocol(
        protocol instanceof Http2Protocol ? new BoundedStreams(this::streams) : protocol);
  }

  /** The streams of a new connection of HTTP/2. */
  private AdmittedStreams streams(SocketWrapperBase<?> connection, Adapter adapter) {
    return new AdmittedStreams(
        adapter,
        connection,
        streamed.add(connection),
        Objects.requireNonNull(streams),
        Objects.requireNonNull(admission),
        endpoint,
        Objects.requireNonNull(answers),
        reserved);
  }

  @Override
  protected Processor createProcessor() {
    return new AdmittedProcessor(
        this::conformingProcessor,
        Objects.requireNonNull(admission),
        endpoint,
        Objects.requireNonNull(answers),
        clients,
        reserved,
        Objects.requireNonNull(compute).lonelySlice(),
        closer);
  }
}
