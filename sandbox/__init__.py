"""Stand-ins for outside services in development: a Stripe that moves no money, and a mailbox."""
