//! Real parts for tests: the container engine, remote hosts, git servers, a registry, an ACME, an S3 and a mail server, Wharf's own binary, and a prober that
//! puts load on what it deploys.
//!
//! Nothing here stands in for something that can run. Each part cleans up after itself, and [`TestEngine::sweep`] removes what crashed runs left.

mod acme;
mod api;
mod container;
mod disk;
mod engine;
mod exec;
mod fault;
mod key;
mod machine;
mod mail;
mod memory_group;
mod orphans;
mod own_engine;
mod process;
mod process_note;
mod registry;
mod s3;
mod serve;
mod wait;
mod wharf;

pub mod coolify;
pub mod forge;
pub mod load;
pub mod tls;

pub use acme::{Acme, TestAcme};
pub use api::{Answer, Api};
pub use container::TestContainer;
pub use disk::SmallDisk;
pub use engine::TestEngine;
pub use exec::Ran;
pub use fault::Fault;
pub use forge::{ForgeKind, Repository, TestForge};
pub use key::TestKey;
pub use machine::{Line, TestHost};
pub use mail::{Mail, MailFault, MailSecurity, TestMail, TestMailBuilder};
pub use memory_group::MemoryGroup;
pub use own_engine::OwnEngine;
pub use process::{Running, free_port};
pub use registry::TestRegistry;
pub use s3::TestS3;
pub use wait::wait_for;
pub use wharf::{OWNER, PASSWORD, TestWharf, TestWharfBuilder};
