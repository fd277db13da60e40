package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.ChangeListener;
import dev.nebulastore.storage.Thrown;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChangeListenersTests {

  private final List<String> heard = new ArrayList<>();

  private ChangeListener listener(String name, @Nullable Thrown failure) {
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
        if (failure != null) {
          failure.now();
        }
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void allListenersAreToldEvenIfOneFails(Thrown failure) {
    var all =
        new ChangeListeners(
            List.of(listener("a", failure), listener("b", null), listener("c", failure)));
    all.committed(0, List.of());
    all.uncertain(0, List.of());
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
