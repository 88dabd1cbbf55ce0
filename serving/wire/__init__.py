"""The wire: what is posted and what is answered, as OpenAPI tells it."""
