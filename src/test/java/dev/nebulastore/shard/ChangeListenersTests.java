package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangeListenersTests {

  private final List<String> heard = new ArrayList<>();

  private ChangeListener listener(String name, boolean fails) {
    return new ChangeListener() {
      @Override
      public void committed(int shard, List<Change> changes) {
        hear("committed");
      }

      @Override
      public void uncertain(int shard, List<Change> changes) {
        hear("uncertain");
      }

      private void hear(String what) {
        heard.add(name + " " + what);
        if (fails) {
          throw new IllegalStateException(name);
        }
      }
    };
  }

  @Test
  void allAreToldAlsoWhenOneFails() {
    var all =
        new ChangeListeners(
            List.of(listener("a", true), listener("b", false), listener("c", true)));
    assertThatThrownBy(() -> all.committed(0, List.of())).hasMessage("a");
    assertThatThrownBy(() -> all.uncertain(0, List.of())).hasMessage("a");
    assertThat(heard)
        .containsExactly(
            "a committed",
            "b committed",
            "c committed",
            "a uncertain",
            "b uncertain",
            "c uncertain");
  }
}
