//! Programs run inside a container through the engine, which reaches it even when its network does not; and what containers write.

use crate::TestEngine;
use anyhow::{Result, ensure};
use serde_json::json;

/// Before each piece of output: which stream, three empty bytes, the length of the piece.
const FRAME_HEAD_BYTES: usize = 8;

/// How a program in a container ended.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its exit code.
    pub code: i64,
    /// What it wrote, standard output and error as they came.
    pub output: String,
}

impl TestEngine {
    /// Runs a program in a container to its end.
    ///
    /// # Errors
    /// The engine does not answer, or the container does not run. A failure status is no error.
    pub async fn exec(&self, container: &str, argv: &[&str]) -> Result<Ran> {
        let made = self.post(&format!("/containers/{container}/exec"), json!({"Cmd": argv, "AttachStdout": true, "AttachStderr": true})).await?;
        let id = made["Id"].as_str().unwrap_or_default();
        let written = self.post_for_bytes(&format!("/exec/{id}/start"), json!({"Detach": false, "Tty": false})).await?;
        let ended = self.get(&format!("/exec/{id}/json")).await?;
        Ok(Ran { code: ended["ExitCode"].as_i64().unwrap_or(-1), output: unframed(&written) })
    }

    /// Runs a program in a container that has to end well, and returns what it wrote.
    ///
    /// # Errors
    /// As [`exec`](Self::exec); or it fails: the error holds what it wrote.
    pub async fn exec_well(&self, container: &str, argv: &[&str]) -> Result<String> {
        let ran = self.exec(container, argv).await?;
        ensure!(ran.code == 0, "`{}` ended with {}: {}", argv.join(" "), ran.code, ran.output.trim_end());
        Ok(ran.output)
    }

    /// What a container without a terminal wrote so far.
    ///
    /// # Errors
    /// The engine does not answer.
    pub async fn log(&self, container: &str) -> Result<String> {
        self.get_bytes(&format!("/containers/{container}/logs?stdout=true&stderr=true")).await.map(|written| unframed(&written))
    }

    /// Starts a program in a container and leaves it running.
    ///
    /// # Errors
    /// The engine does not answer, or the container does not run.
    pub async fn exec_beside(&self, container: &str, argv: &[&str]) -> Result<()> {
        let made = self.post(&format!("/containers/{container}/exec"), json!({"Cmd": argv})).await?;
        let id = made["Id"].as_str().unwrap_or_default();
        self.post(&format!("/exec/{id}/start"), json!({"Detach": true})).await.map(drop)
    }
}

fn unframed(mut bytes: &[u8]) -> String {
    let mut text = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk::<FRAME_HEAD_BYTES>() {
        let length = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let (piece, rest) = rest.split_at(length.min(rest.len()));
        text.extend_from_slice(piece);
        bytes = rest;
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn pieces_of_both_streams_become_one_text() {
        let written = [&[1, 0, 0, 0, 0, 0, 0, 3][..], b"one", &[2, 0, 0, 0, 0, 0, 0, 4], b" two"].concat();
        assert_eq!(super::unframed(&written), "one two");
        assert_eq!(super::unframed(&written[..written.len() - 2]), "one t");
    }
}
