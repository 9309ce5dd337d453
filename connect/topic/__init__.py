"""`andon connect topic`: records of topics of the user's own, plain or as a schema registry describes them, become events."""
