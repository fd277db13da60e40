package dev.nebulastore.http;

import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/1.1, with an {@link Admission} before it and less memory for each connection.
 * Tomcat makes it by its name.
 *
 * <p>Threads: set up before it starts.
 */
public final class BoundedProtocol extends Http11NioProtocol {

  /** What a connection has all its life. A request that is larger is read past it. */
  static final int READ_BUFFER = 1 << 10;

  /** An answer that is larger is written in pieces of this size. */
  private static final int WRITE_BUFFER = 2 << 10;

  /** Connections beyond the limit, while requests are served on all within it: they are told so. */
  static final int TO_BE_REFUSED = 256;

  private final BoundedEndpoint endpoint;
  private @Nullable Admission admission;
  private byte[] tooManyRequests = {};
  private byte[] tooManyConnections = {};
  private ReservedHead reserved = ReservedHead.NONE;
  private @Nullable ComputeThreads compute;
  private @Nullable FastPath fastPath;
  private final ClientPoller clients = new ClientPoller();

  /** One thread, to which things are handed without a lock; it ends when there are none. */
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

  /** To be told who lets requests in: see {@link #admitBy}. */
  public BoundedProtocol() {
    this(new BoundedEndpoint());
  }

  private BoundedProtocol(BoundedEndpoint endpoint) {
    super(endpoint);
    this.endpoint = endpoint;
    getEndpoint().getSocketProperties().setAppReadBufSize(READ_BUFFER);
    getEndpoint().getSocketProperties().setAppWriteBufSize(WRITE_BUFFER);
    // With a large heap Tomcat would use the objects of closed connections again, and whoever still
    // gives up an old one would meet another client's.
    getEndpoint().getSocketProperties().setBufferPool(0);
  }

  /**
   * Says who lets requests in, before the start.
   *
   * @param tooManyRequests the answer to a request beyond the limit of requests, from its first
   *     byte to its last; the connection is closed after it
   * @param tooManyConnections the same beyond the limit of connections
   * @param reserved which requests have places of their own
   * @param compute bounds how long pipelined requests run
   */
  public void admitBy(
      Admission admission,
      byte[] tooManyRequests,
      byte[] tooManyConnections,
      ReservedHead reserved,
      ComputeThreads compute) {
    this.admission = admission;
    this.tooManyRequests = tooManyRequests.clone();
    this.tooManyConnections = tooManyConnections.clone();
    this.reserved = reserved;
    this.compute = compute;
    endpoint.limitBy(admission);
    setMaxConnections(admission.maxConnections() + TO_BE_REFUSED);
  }

  /**
   * Has plain requests served by event loops, before the start and after {@link #admitBy}. Not for
   * connections that are encrypted.
   *
   * @param late the answer to a request whose body does not come in time, from its first byte to
   *     its last; the connection is closed after it
   */
  public void servePlain(FastHandler service, byte[] late) {
    FastPath fast = new FastPath(endpoint, service, Objects.requireNonNull(admission), late);
    endpoint.setHandler(fast);
    endpoint.serveBy(fast);
    fastPath = fast;
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

  /** Of what an answer is gathered in before it goes to the connection. */
  @Override
  public int getDesiredBufferSize() {
    return WRITE_BUFFER;
  }

  @Override
  public void setAdapter(Adapter adapter) {
    super.setAdapter(new SlicedAdapter(adapter));
  }

  @Override
  protected Processor createProcessor() {
    return new AdmittedProcessor(
        super::createProcessor,
        Objects.requireNonNull(admission),
        endpoint,
        tooManyRequests,
        tooManyConnections,
        clients,
        reserved,
        Objects.requireNonNull(compute).lonelySlice(),
        closer);
  }
}
