package dev.nebulastore.api.answer;

import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.ClientConnection;
import dev.nebulastore.http.RawPath;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Serves the requests of a resource with a fixed path, and answers their failures as problems.
 *
 * <p>Threads: immutable.
 */
public final class ProblemBoundary {

  /** What is done for a request. */
  public interface Service {
    /** Answers the request; an IOException means that the client has gone. */
    void serve() throws IOException;
  }

  private final Problems problems;
  private final AllowedMethods methods;
  private final String elsewhere;
  private final Consumer<Exception> brokenOff;

  /**
   * Creates the boundary of a resource.
   *
   * @param elsewhere the detail for a request of another path that was mapped here
   * @param brokenOff logs a failure after a part of the answer was sent
   */
  public ProblemBoundary(
      Problems problems, AllowedMethods methods, String elsewhere, Consumer<Exception> brokenOff) {
    this.problems = problems;
    this.methods = methods;
    this.elsewhere = elsewhere;
    this.brokenOff = brokenOff;
  }

  /**
   * Serves a request. If it fails after a part of the answer was sent, the connection is closed, so
   * that the client can't mistake the part for the whole.
   *
   * @throws IOException if the client has gone
   */
  public void serve(HttpServletRequest request, HttpServletResponse response, Service service)
      throws IOException {
    try {
      if (!RawPath.of(request).equals(methods.path())) {
        throw new ApiException(Problem.NOT_FOUND, elsewhere);
      }
      service.serve();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      if (response.isCommitted()) {
        brokenOff.accept(e);
        ClientConnection.of(request).abort(e);
      } else {
        response.resetBuffer();
        problems.write(request, response, e, null);
      }
    }
  }

  /** Answers OPTIONS. */
  public void options(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(request, response, () -> methods.tell(response));
  }

  /** Refuses a method that the resource does not allow. */
  public void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serve(
        request,
        response,
        () -> {
          throw methods.refuse(request, response);
        });
  }
}
