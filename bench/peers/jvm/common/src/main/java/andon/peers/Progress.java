package andon.peers;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what was seen, and prints what it took once that is all. */
public final class Progress {
  private static final long POLL_MILLIS = 2;
  private static final List<Counter> COUNTERS = new CopyOnWriteArrayList<>();

  /** The count of one task, written by its own thread alone. */
  public static final class Counter {
    private final AtomicLong seen = new AtomicLong();

    /** Note that one more was seen; a plain store, as only one thread writes. */
    public void saw() {
      seen.lazySet(seen.getPlain() + 1);
    }
  }

  private record Mark(long seen, long nanos, long cpuNanos) {}

  private Progress() {}

  /** Return a counter for a task of this process. */
  public static Counter counter() {
    Counter counter = new Counter();
    COUNTERS.add(counter);
    return counter;
  }

  /** Watch the counters in a thread of its own, which ends the process when all was seen. */
  public static void watch(long events) {
    Thread watcher = new Thread(() -> waitFor(events), "progress");
    watcher.setDaemon(true);
    watcher.start();
  }

  private static void waitFor(long events) {
    Mark first = reached(1);
    Mark half = reached(events / 2);
    Mark last = reached(events);
    System.out.println(
        String.format(
            Locale.ROOT,
            "{\"events\": %d, \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"warm_events\": %d, "
                + "\"warm_seconds\": %.6f, \"warm_cpu_seconds\": %.6f, \"peak_mb\": %.1f}",
            last.seen - first.seen,
            (last.nanos - first.nanos) / 1e9,
            (last.cpuNanos - first.cpuNanos) / 1e9,
            last.seen - half.seen,
            (last.nanos - half.nanos) / 1e9,
            (last.cpuNanos - half.cpuNanos) / 1e9,
            peakMegabytes()));
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static Mark reached(long wanted) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    while (true) {
      long seen = COUNTERS.stream().mapToLong(counter -> counter.seen.get()).sum();
      if (seen >= wanted) {
        return new Mark(seen, System.nanoTime(), system.getProcessCpuTime());
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException stopped) {
        throw new IllegalStateException(stopped);
      }
    }
  }

  private static double peakMegabytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
        }
      }
    } catch (IOException nothing) {
      return Double.NaN;
    }
    return Double.NaN;
  }
}
