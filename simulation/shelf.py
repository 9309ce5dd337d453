"""What truly is on a shelf, which no book can be sure of."""

from dataclasses import dataclass


@dataclass
class Shelf:
    """The true stock of one article at one location, and everything that ever changed it, in units."""

    initial: int
    stock: int
    sold: int = 0
    lost: int = 0
    returned: int = 0
    received: int = 0
    spoiled: int = 0
    stolen: int = 0
    sent: int = 0

    def take(self, wanted: int) -> int:
        """Sell as much of what is wanted as there is, and return it; the rest is lost."""
        given = min(wanted, self.stock)
        self.stock -= given
        self.sold += given
        self.lost += wanted - given
        return given

    def receive(self, quantity: int) -> None:
        """Put a delivery on the shelf."""
        self.stock += quantity
        self.received += quantity

    def give_back(self, quantity: int) -> None:
        """Put a return on the shelf."""
        self.stock += quantity
        self.returned += quantity

    def spoil(self, wanted: int) -> int:
        """Throw away up to so many, and return how many."""
        gone = min(wanted, self.stock)
        self.stock -= gone
        self.spoiled += gone
        return gone

    def send(self, wanted: int) -> int:
        """Let another location have as much of what it asks for as there is, and return it."""
        gone = min(wanted, self.stock)
        self.stock -= gone
        self.sent += gone
        return gone

    def steal(self, wanted: int) -> None:
        """Lose up to so many, of which no event tells."""
        gone = min(wanted, self.stock)
        self.stock -= gone
        self.stolen += gone

    @property
    def conserved(self) -> bool:
        """Whether the stock is what came less what went, and never negative."""
        came = self.initial + self.received + self.returned
        return (
            self.stock == came - self.sold - self.spoiled - self.stolen - self.sent
            and self.stock >= 0
        )
