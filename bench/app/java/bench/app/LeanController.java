package bench.app;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import dev.nebulastore.router.ShardRouter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The same through Spring MVC's dispatcher, in the cheapest form of a controller: it uses request
 * and response directly, without conditions and with no headers except the length and the type.
 *
 * <p>Threads: immutable.
 */
@RestController
class LeanController {

  private final ShardRouter router;

  LeanController(ShardRouter router) {
    this.router = router;
  }

  @GetMapping("/mvc/{key}")
  void get(@PathVariable("key") String key, HttpServletResponse response) throws IOException {
    if (router.execute(new Command.Get(Key.of(key), Precondition.NONE))
        instanceof Outcome.Found(var entry)) {
      response.setContentType(entry.value().contentType());
      response.setContentLength(entry.value().size());
      response.getOutputStream().write(entry.value().bytes());
    } else {
      response.setStatus(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  @PutMapping("/mvc/{key}")
  void put(
      @PathVariable("key") String key, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    byte[] bytes = request.getInputStream().readNBytes(request.getContentLength());
    Value value = new Value(bytes, Value.DEFAULT_CONTENT_TYPE);
    var _ = router.execute(new Command.Put(Key.of(key), Precondition.NONE, value, null, false));
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
  }
}
