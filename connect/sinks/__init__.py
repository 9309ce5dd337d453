"""Where alerts go besides Kafka: Alertmanager and webhooks."""
