//! Decides what to do: desired and observed state to a plan; recovery; the route table.
