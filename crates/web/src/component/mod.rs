//! Components: one noun a file, each a function of its data to markup. Pages, answers of actions and the live stream use the same ones.

pub mod ansi;
pub mod badge;
pub mod button;
pub mod card;
pub mod changes;
pub mod checklist;
pub mod copy;
pub mod danger;
pub mod dialog;
pub mod diff;
pub mod empty;
pub mod field;
pub mod filter;
pub mod icon;
pub mod log;
pub mod menu;
pub mod metric;
pub mod notice;
pub mod pager;
pub mod plan;
pub mod skeleton;
pub mod status;
pub mod table;
pub mod tabs;
pub mod toast;

pub use badge::{Tone, badge};
pub use button::Button;
pub use card::{card, facts, section};
pub use copy::{copy, copy_button, copy_code};
pub use dialog::{Question, dialog};
pub use field::Field;
pub use icon::{Icon, icon};
pub use menu::{Item, menu};
pub use notice::notice;
pub use status::{Mark, mark, status, status_big, status_mark};
