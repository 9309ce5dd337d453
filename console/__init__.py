"""The board as people work with it: answers to alerts, and the web pages of `andon console`."""
