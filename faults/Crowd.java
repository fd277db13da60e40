import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Many connections to the server, each of which sends a request, waits for the response, and sends
 * again after a pause. A connection that the server closes with its response is replaced for that.
 * It is cheap, so that it takes little of the processors that it shares with the server.
 *
 * <p>A request may be empty, or a head without an end. If it ends with {@link #TRICKLE}, a line is
 * added to it from time to time.
 *
 * <p>Threads: one drives all connections; the rest is guarded by this object.
 */
final class Crowd implements Runnable {

  /** The end of an incomplete request to which lines are added. */
  static final String TRICKLE = "Trickle: yes\r\n";

  private static final int CONNECTS_AT_ONCE = 100;

  /**
   * The behaviour of each connection.
   *
   * @param pause nanoseconds from a response to the next request, and between parts of a slow one
   * @param requests each connection always sends the same one; they are distributed evenly
   * @param returns whether a connection that is closed without a request in flight is replaced
   *     after a pause, and one that got its response stays silent
   */
  record Plan(int connections, long pause, List<byte[]> requests, boolean returns) {}

  private final class Member {
    private SocketChannel channel;
    private long due;
    private boolean waiting;
    private ByteBuffer unsent = ByteBuffer.allocate(0);
    private final StringBuilder answer = new StringBuilder();
    private final byte[] request;
    private final boolean whole;
    private final boolean slow;

    Member(int number) {
      request = plan.requests().get(number % plan.requests().size());
      String text = new String(request, StandardCharsets.US_ASCII);
      whole = text.contains("\r\n\r\n");
      slow = text.endsWith(TRICKLE);
    }
  }

  private final InetSocketAddress server;
  private final Plan plan;
  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(16 << 10);
  private final Queue<Member> due = new PriorityQueue<>(Comparator.comparingLong(m -> m.due));
  private final SortedMap<String, Integer> counts = new TreeMap<>();
  private final Thread thread = new Thread(this, "crowd");
  private int toConnect;
  private int connecting;
  private volatile boolean ended;

  Crowd(int port, Plan plan) throws IOException {
    this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    this.plan = plan;
    this.toConnect = plan.connections();
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  void stop() throws InterruptedException {
    ended = true;
    thread.join();
  }

  private synchronized void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  /** How often this event occurred. */
  synchronized int counted(String what) {
    return counts.getOrDefault(what, 0);
  }

  /** All counts, as name=number. */
  synchronized String counts() {
    StringBuilder text = new StringBuilder();
    counts.forEach((what, times) -> text.append(' ').append(what).append('=').append(times));
    return text.toString();
  }

  @Override
  public void run() {
    try (selector) {
      while (!ended) {
        for (; toConnect > 0 && connecting < CONNECTS_AT_ONCE; toConnect--) {
          connect(new Member(toConnect));
        }
        long now = System.nanoTime();
        for (Member next = due.peek(); next != null && next.due <= now; next = due.peek()) {
          due.remove();
          if (next.channel.isOpen()) {
            send(next);
          } else {
            connect(next);
          }
        }
        long wait = due.isEmpty() ? 10 : Math.min(10, (due.peek().due - now) / 1_000_000);
        selector.select(this::ready, Math.max(1, wait));
      }
    } catch (IOException e) {
      count("client-failed");
    }
  }

  private void connect(Member member) throws IOException {
    member.channel = SocketChannel.open();
    member.channel.configureBlocking(false);
    member.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    member.waiting = false;
    member.answer.setLength(0);
    connecting++;
    boolean done = member.channel.connect(server);
    member.channel.register(selector, SelectionKey.OP_CONNECT, member);
    if (done) {
      connected(member);
    }
  }

  private void connected(Member member) {
    connecting--;
    count("connected");
    member.channel.keyFor(selector).interestOps(SelectionKey.OP_READ);
    send(member);
  }

  private void ready(SelectionKey key) {
    Member member = (Member) key.attachment();
    try {
      if (key.isConnectable() && member.channel.finishConnect()) {
        connected(member);
      } else if (key.isReadable()) {
        read(member);
      } else if (key.isWritable()) {
        sendRest(member);
      }
    } catch (IOException e) {
      lost(member);
    }
  }

  private void send(Member member) {
    byte[] bytes = member.request;
    if (member.slow && member.waiting) {
      bytes = "X-A: b\r\n".getBytes(StandardCharsets.US_ASCII);
    }
    member.unsent = ByteBuffer.wrap(bytes);
    try {
      sendRest(member);
    } catch (IOException e) {
      lost(member);
      return;
    }
    member.waiting = true;
    if (member.slow) {
      later(member);
    }
  }

  private void sendRest(Member member) throws IOException {
    member.channel.write(member.unsent);
    boolean done = !member.unsent.hasRemaining();
    member
        .channel
        .keyFor(selector)
        .interestOps(SelectionKey.OP_READ | (done ? 0 : SelectionKey.OP_WRITE));
  }

  private void later(Member member) {
    member.due = System.nanoTime() + plan.pause();
    due.add(member);
  }

  private void read(Member member) throws IOException {
    buffer.clear();
    int read = member.channel.read(buffer);
    if (read < 0) {
      lost(member);
      return;
    }
    buffer.flip();
    member.answer.append(StandardCharsets.ISO_8859_1.decode(buffer));
    int head = member.answer.indexOf("\r\n\r\n");
    if (head < 0) {
      return;
    }
    String headers = member.answer.substring(0, head).toLowerCase(Locale.ROOT) + "\r\n";
    String length = header(headers, "content-length");
    if (member.answer.length() < head + 4 + (length.isEmpty() ? 0 : Integer.parseInt(length))) {
      return;
    }
    member.answer.setLength(0);
    answered(member, headers);
  }

  private void answered(Member member, String headers) throws IOException {
    String status = headers.substring(9, 12);
    count(status);
    if ((status.equals("503") || status.equals("429"))
        && header(headers, "retry-after").isEmpty()) {
      count("no-retry-after");
    }
    member.waiting = false;
    if (header(headers, "connection").equals("close")) {
      member.channel.close();
      due.remove(member);
    } else if (plan.returns()) {
      return;
    }
    later(member);
  }

  private static String header(String headers, String name) {
    int begin = headers.indexOf("\r\n" + name + ": ");
    if (begin < 0) {
      return "";
    }
    begin += name.length() + 4;
    return headers.substring(begin, headers.indexOf("\r\n", begin));
  }

  /** Closed without a response: between two requests, during one, or before the first. */
  private void lost(Member member) {
    boolean inFlight = member.waiting && member.whole;
    if (plan.returns() && member.channel.isConnected() && !inFlight) {
      count("evicted");
      close(member);
      later(member);
      return;
    }
    count(!member.channel.isConnected() ? "unconnected" : member.waiting ? "dropped" : "closed");
    if (!member.channel.isConnected()) {
      connecting--;
    }
    close(member);
  }

  private void close(Member member) {
    due.remove(member);
    try {
      member.channel.close();
    } catch (IOException e) {
      // The connection is gone in any case.
    }
  }
}
