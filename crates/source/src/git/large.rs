//! Files that Git LFS keeps elsewhere: what the repository itself has of them is a pointer, and a build would get that.

use super::{Git, tree::Listed, tree::listed};
use crate::Error;
use model::{CommitSha, EntryKind, GitSource, GitUrl, RelativePath};

/// How a pointer begins.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
/// The sizes that pointers have, in bytes.
const POINTER_LENGTH_BYTES: std::ops::Range<u64> = 100..1024;
/// What a file of attributes says of files that are kept elsewhere.
const FILTER: &str = "filter=lfs";
/// Largest file of attributes that is read, in bytes.
const ATTRIBUTES_LENGTH_BYTES: u64 = 64 * 1024;
/// Most files that are read, of attributes and of those that may be pointers.
const ATTRIBUTES_COUNT: usize = 50;
const CANDIDATES_COUNT: usize = 5000;
/// Pointers that are named.
const NAMED_COUNT: usize = 3;
/// Bytes of the answer that are read.
const BATCH_LENGTH_BYTES: usize = 16 * 1024 * 1024;

impl Git {
    /// Says which files of a fetched commit are pointers, and what to do about them; nothing where none is.
    pub(super) async fn large_files_said(&self, source: &GitSource, commit: &CommitSha) -> Option<String> {
        // What cannot be read now is told by whoever reads it to build.
        let pointers = self.pointers(source, commit).await.ok()?;
        let named = pointers.iter().take(NAMED_COUNT).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = pointers.len().saturating_sub(NAMED_COUNT);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let what = if pointers.len() == 1 { "1 file is a Git LFS pointer" } else { &format!("{} files are Git LFS pointers", pointers.len()) };
        (!pointers.is_empty()).then(|| {
            format!(
                "{what} and not the content: {named}{more}. Wharf does not fetch from LFS: commit the content itself (git lfs migrate export), or download it in the Dockerfile."
            )
        })
    }

    async fn pointers(&self, source: &GitSource, commit: &CommitSha) -> Result<Vec<String>, Error> {
        let list = self.list_tree(&source.url, commit, &RelativePath::root()).await?;
        let files = || listed(&list).filter(|file| file.kind == EntryKind::File);
        let of_attributes = |file: &Listed<'_>| file.path.rsplit('/').next() == Some(".gitattributes") && file.size_bytes < ATTRIBUTES_LENGTH_BYTES;
        let attributes: Vec<_> = files().filter(of_attributes).take(ATTRIBUTES_COUNT).collect();
        let attributes = self.contents(&source.url, &attributes).await?;
        if !attributes.iter().any(|content| String::from_utf8_lossy(content).contains(FILTER)) {
            return Ok(Vec::new());
        }
        let base = &source.base_directory;
        let below = |path: &str| base.is_root() || path.strip_prefix(base.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let may_be = |file: &Listed<'_>| POINTER_LENGTH_BYTES.contains(&file.size_bytes) && below(file.path);
        let candidates: Vec<_> = files().filter(may_be).take(CANDIDATES_COUNT).collect();
        let contents = self.contents(&source.url, &candidates).await?;
        let pointers = candidates.iter().zip(contents).filter(|(_, content)| content.starts_with(POINTER));
        Ok(pointers.map(|(file, _)| file.path.to_owned()).collect())
    }

    /// The contents of files, in their order.
    async fn contents(&self, url: &GitUrl, files: &[Listed<'_>]) -> Result<Vec<Vec<u8>>, Error> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let objects: String = files.iter().map(|file| format!("{}\n", file.object)).collect();
        let git = self.cached(url).output_length_bytes(BATCH_LENGTH_BYTES);
        Ok(batch(&git.args(["cat-file", "--batch"]).input(objects).run().await?.stdout))
    }
}

/// Takes `OBJECT blob SIZE`, a line end, the content and a line end apart, as often as they come.
fn batch(mut answer: &[u8]) -> Vec<Vec<u8>> {
    let mut contents = Vec::new();
    while let Some(end) = answer.iter().position(|byte| *byte == b'\n') {
        let header = String::from_utf8_lossy(&answer[..end]);
        let size: usize = header.rsplit(' ').next().and_then(|size| size.parse().ok()).unwrap_or_default();
        let Some(content) = answer.get(end + 1..end + 1 + size) else { break };
        contents.push(content.to_vec());
        answer = answer.get(end + size + 2..).unwrap_or_default();
    }
    contents
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_batch_is_taken_apart_by_its_sizes() {
        let contents = super::batch(b"aa blob 3\na\nb\nbb blob 0\n\ncc missing\ndd blob 1\nx\n");
        assert_eq!(contents[..2], [b"a\nb".to_vec(), Vec::new()]);
        assert_eq!(super::batch(b"aa blob 9\nx"), Vec::<Vec<u8>>::new());
    }
}
