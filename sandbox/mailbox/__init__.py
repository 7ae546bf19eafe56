"""A mailbox for development: a mail backend that writes files, and pages that show them."""
