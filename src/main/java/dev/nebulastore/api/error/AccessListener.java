package dev.nebulastore.api.error;

import dev.nebulastore.kv.Key;
import dev.nebulastore.security.AccessDenied;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** Is told of each request, or operation of one, that is refused because of who sends it. */
public interface AccessListener {

  /**
   * Called once, before the refusal is answered.
   *
   * @param key the key of the request or operation, or null if it was not read
   * @return what is answered: the refusal, or that the server can't record it
   */
  Exception denied(HttpServletRequest request, AccessDenied denied, @Nullable Key key);
}
