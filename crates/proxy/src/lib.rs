//! Pushes the route table to a server's proxy and reads what it says.
