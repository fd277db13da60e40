package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.http.AddressLimit.Verdict;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressLimitTests {

  private static final InetAddress ADDRESS = InetAddress.ofLiteral("192.0.2.1");
  private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");

  private final AddressLimit limit = new AddressLimit(2);
  private final List<FakeChannel> channels = new ArrayList<>();

  private static final class FakeChannel implements Channel {
    private boolean open = true;

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }
  }

  private Verdict open(AddressLimit limit, InetAddress address) {
    FakeChannel channel = new FakeChannel();
    channels.add(channel);
    return limit.open(channel, address);
  }

  @Test
  void connectionsOfAnAddressAreLimited() {
    assertThat(open(limit, ADDRESS)).isEqualTo(Verdict.SERVED);
    assertThat(open(limit, ADDRESS)).isEqualTo(Verdict.SERVED);
    assertThat(limit.hasRoom(ADDRESS)).isTrue();
    assertThat(open(limit, ADDRESS)).isEqualTo(Verdict.REFUSED);
    assertThat(limit.hasRoom(ADDRESS)).isFalse();
    assertThat(open(limit, OTHER)).isEqualTo(Verdict.SERVED);
    assertThat(limit.hasRoom(OTHER)).isTrue();
  }

  /** Those that wait for their refusal are connections, too. */
  @Test
  void tooManyRefusedConnectionsAreClosed() {
    for (int i = 0; i < 2 + AddressLimit.TO_BE_REFUSED; i++) {
      assertThat(open(limit, ADDRESS)).isNotEqualTo(Verdict.CLOSED);
    }
    assertThat(open(limit, ADDRESS)).isEqualTo(Verdict.CLOSED);
    assertThat(open(limit, OTHER)).isEqualTo(Verdict.SERVED);
    channels.getFirst().close();
    assertThat(open(limit, ADDRESS)).isEqualTo(Verdict.REFUSED);
  }

  @Test
  void closedConnectionsDoNotCount() {
    for (int i = 0; i < 10; i++) {
      assertThat(open(limit, ADDRESS)).isEqualTo(Verdict.SERVED);
      assertThat(open(limit, ADDRESS)).isEqualTo(Verdict.SERVED);
      assertThat(open(limit, ADDRESS)).isEqualTo(Verdict.REFUSED);
      channels.getLast().close();
      assertThat(limit.hasRoom(ADDRESS)).isTrue();
      channels.forEach(FakeChannel::close);
    }
  }

  @Test
  void addressesWithoutConnectionsAreForgotten() {
    for (int i = 0; i < 100_000; i++) {
      byte[] address = {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i};
      assertThat(open(limit, addressOf(address))).isEqualTo(Verdict.SERVED);
      channels.removeLast().close();
    }
    assertThat(limit.addresses()).isLessThan(3_000);
  }

  private static InetAddress addressOf(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void withoutLimitAllAreServed() {
    AddressLimit none = new AddressLimit(0);
    for (int i = 0; i < 1_000; i++) {
      assertThat(open(none, ADDRESS)).isEqualTo(Verdict.SERVED);
    }
    assertThat(none.addresses()).isZero();
  }
}
