//! The file of all figures: what they were measured on, and each with its runs.

use crate::figure::Figure;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The file, written anew after each part, so that a part that fails loses no other.
pub(crate) struct Record {
    file: PathBuf,
    content: Value,
}

impl Record {
    /// One without figures.
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file, content: json!({"figures": []}) }
    }

    /// With the figures that the file has, if it is there.
    pub(crate) fn open(file: PathBuf) -> Result<Self> {
        let Ok(text) = std::fs::read_to_string(&file) else { return Ok(Self::new(file)) };
        let content: Value = serde_json::from_str(&text).with_context(|| format!("{} holds no figures; remove it", file.display()))?;
        Ok(if content["figures"].is_array() { Self { file, content } } else { Self::new(file) })
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Says what the figures were measured on.
    pub(crate) fn describe(&mut self, machine: Value) {
        self.content["machine"] = machine;
    }

    /// Takes the figures of a part in place of those it had.
    pub(crate) fn take(&mut self, part: &str, figures: &[Figure]) -> Result<()> {
        if let Some(all) = self.content["figures"].as_array_mut() {
            all.retain(|figure| figure["part"] != part);
            all.extend(figures.iter().map(|figure| figure.json(part)));
        }
        std::fs::write(&self.file, serde_json::to_string_pretty(&self.content)?).with_context(|| format!("{} cannot be written", self.file.display()))
    }
}
