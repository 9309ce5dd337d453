package andon.peers;

/** What a peer is told on its command line. */
public record Options(
    String bootstrap, String topic, int partitions, long events, boolean exactlyOnce, String name) {

  /** Read BOOTSTRAP TOPIC PARTITIONS EVENTS at-least-once|exactly-once. */
  public static Options read(String program, String[] given) {
    if (given.length != 5 || !given[4].matches("at-least-once|exactly-once")) {
      throw new IllegalArgumentException(
          program + " BOOTSTRAP TOPIC PARTITIONS EVENTS at-least-once|exactly-once");
    }
    return new Options(
        given[0],
        given[1],
        Integer.parseInt(given[2]),
        Long.parseLong(given[3]),
        given[4].equals("exactly-once"),
        program + "-" + given[4]);
  }

  /** Return the topic of the alerts. */
  public String alerts() {
    return topic + "-" + name + "-alerts";
  }
}
