"""Commands, states, SLA and sign-off; pure."""
