"""`andon connect cdc`: changes of a table of a POS or ERP, as Debezium tells them, become events."""
