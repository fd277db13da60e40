import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.EventRequest;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds a worker of a running server in the middle of its work, and lets it continue later, through
 * the debugger interface. So a worker gets stuck without a hook in the server.
 *
 * <p>Threads: one.
 */
final class BreakpointHold {

  private static final String HOME = "dev.nebulastore.";
  private static final long PATIENCE_MILLIS = 10_000;

  private BreakpointHold() {}

  /**
   * The arguments are the port of the debugger, the class and the method with its number of
   * parameters at which to hold a worker, the number of the call, and milliseconds.
   */
  public static void main(String[] args) throws Exception {
    VirtualMachine server = attach(args[0]);
    try {
      Method method = method(server, HOME + args[1], args[2], Integer.parseInt(args[3]));
      BreakpointRequest request =
          server.eventRequestManager().createBreakpointRequest(method.location());
      request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
      request.addCountFilter(Integer.parseInt(args[4]));
      request.enable();
      EventSet events = server.eventQueue().remove(PATIENCE_MILLIS);
      if (events == null || !(events.iterator().next() instanceof BreakpointEvent caught)) {
        throw new IllegalStateException("no worker came by " + method);
      }
      String who = caught.thread().name();
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Long.parseLong(args[5]));
      while (System.nanoTime() < end) {
        LockSupport.parkNanos(end - System.nanoTime());
      }
      request.disable();
      events.resume();
      IO.println("caught " + who);
    } finally {
      server.dispose();
    }
  }

  private static Method method(VirtualMachine server, String type, String name, int parameters) {
    for (ReferenceType one : server.classesByName(type)) {
      for (Method method : one.methodsByName(name)) {
        if (method.argumentTypeNames().size() == parameters) {
          return method;
        }
      }
    }
    throw new IllegalStateException("no %s.%s of %d".formatted(type, name, parameters));
  }

  private static VirtualMachine attach(String port) throws Exception {
    for (AttachingConnector one : Bootstrap.virtualMachineManager().attachingConnectors()) {
      if (one.name().equals("com.sun.jdi.SocketAttach")) {
        Map<String, Connector.Argument> arguments = one.defaultArguments();
        arguments.get("hostname").setValue("127.0.0.1");
        arguments.get("port").setValue(port);
        return one.attach(arguments);
      }
    }
    throw new IllegalStateException("this JDK has no debugger over sockets");
  }
}
