//! Where code comes from: git, forges and their webhooks.
