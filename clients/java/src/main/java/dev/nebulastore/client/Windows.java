package dev.nebulastore.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators.AbstractSpliterator;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Groups the elements of a stream into lists of a fixed size; the last one may be shorter. Elements
 * are taken only when their list is asked for.
 *
 * <p>Threads: confined to the thread that reads the stream.
 */
final class Windows<T> extends AbstractSpliterator<List<T>> {

  private final Spliterator<T> elements;
  private final int size;

  private Windows(Spliterator<T> elements, int size) {
    super(Long.MAX_VALUE, ORDERED | NONNULL);
    this.elements = elements;
    this.size = size;
  }

  static <T> Stream<List<T>> of(Stream<T> elements, int size) {
    return StreamSupport.stream(new Windows<>(elements.spliterator(), size), false)
        .onClose(elements::close);
  }

  @Override
  public boolean tryAdvance(Consumer<? super List<T>> action) {
    List<T> window = new ArrayList<>(size);
    while (window.size() < size && elements.tryAdvance(window::add)) {
      // The next element is in the window.
    }
    if (window.isEmpty()) {
      return false;
    }
    action.accept(window);
    return true;
  }
}
