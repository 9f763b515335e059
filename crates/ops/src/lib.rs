//! What a person may do: authorise, validate, write, wake the engine.
