package andon.peers;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What is known of an item at a location. */
public final class Book {
  public long onHand = 1000;
  public long sold;
  public long reorderPoint = 100;

  /** Take a sale from the stock; return whether it fell to the reorder point by it. */
  public boolean sell(int quantity) {
    long before = onHand;
    onHand -= quantity;
    sold += quantity;
    return onHand <= reorderPoint && reorderPoint < before;
  }

  /** Return the book as its store holds it. */
  public byte[] packed() {
    return ByteBuffer.allocate(24).putLong(onHand).putLong(sold).putLong(reorderPoint).array();
  }

  /** Return the book that was packed. */
  public static Book unpacked(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Book book = new Book();
    book.onHand = buffer.getLong();
    book.sold = buffer.getLong();
    book.reorderPoint = buffer.getLong();
    return book;
  }

  /** Return the alert that calls for replenishment, as JSON. */
  public byte[] alert() {
    String text =
        "{\"on_hand\":" + onHand + ",\"sold\":" + sold + ",\"reorder_point\":" + reorderPoint + "}";
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
