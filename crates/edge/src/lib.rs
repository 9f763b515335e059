//! The data plane: listeners, TLS, routing, drain, static sites.
