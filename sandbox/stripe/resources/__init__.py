"""One module for each resource of the API; each adds its routes to `routing.api`."""
