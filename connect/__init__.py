"""What the outside world speaks: files and formats in, alerts out."""
