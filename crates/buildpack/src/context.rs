//! The build context: a tree's archive on its way to the engine, without what is ignored, with what was generated.

use crate::{
    Context, Recipe, RecipeFile,
    recipe::{GENERATED_DOCKERFILE, SITE_DIRECTORY, SITE_SETTINGS},
};
use std::io::{Read, Result, Write};
use tar::{Archive, Builder, Entry, EntryType, Header};

/// What was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Files and links sent, generated ones included.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files and links that the ignore file left out.
    pub left_out: u64,
}

/// Copies a tar archive of [`Recipe::directory`] to `output` as the recipe's build context. Nothing is held in memory, so it belongs on a blocking thread
/// between two pipes. Owner and time are made the same for everybody (`modified` in seconds since 1970, the commit's time say), so that equal trees make
/// equal images.
///
/// # Errors
/// Those of reading and writing, and an archive that is none.
pub fn assemble(recipe: &Recipe, archive: impl Read, output: impl Write, modified: u64) -> Result<Sent> {
    let mut sent = Sent::default();
    let mut builder = Builder::new(output);
    if recipe.directory().is_some() {
        let mut archive = Archive::new(archive);
        // Archives of submodules follow the first one, each with its own end.
        archive.set_ignore_zeros(true);
        for entry in archive.entries()? {
            copy(recipe, entry?, &mut builder, modified, &mut sent)?;
        }
    }
    if let RecipeFile::Generated { content } = &recipe.file {
        add(&mut builder, GENERATED_DOCKERFILE, content, modified, &mut sent)?;
    }
    if let Context::Site { settings, .. } = &recipe.context {
        add(&mut builder, SITE_SETTINGS, settings, modified, &mut sent)?;
    }
    builder.into_inner()?.flush()?;
    Ok(sent)
}

fn copy(recipe: &Recipe, mut entry: Entry<'_, impl Read>, builder: &mut Builder<impl Write>, modified: u64, sent: &mut Sent) -> Result<()> {
    let kind = entry.header().entry_type();
    if !matches!(kind, EntryType::Regular | EntryType::Continuous | EntryType::Symlink | EntryType::Directory) {
        return Ok(());
    }
    let path = entry.path()?.to_string_lossy().trim_matches('/').to_owned();
    let path = match &recipe.context {
        Context::Tree { ignore } if path != recipe.file.path() && ignore.leaves_out(&path) => {
            sent.left_out += u64::from(kind != EntryType::Directory);
            return Ok(());
        }
        Context::Site { .. } => format!("{SITE_DIRECTORY}/{path}"),
        _ => path,
    };
    if path.is_empty() || path == "." {
        return Ok(());
    }
    let mut header = header(kind, entry.size(), entry.header().mode()?, modified);
    if kind == EntryType::Symlink {
        header.set_size(0);
        let target = entry.link_name()?.map(std::borrow::Cow::into_owned).unwrap_or_default();
        builder.append_link(&mut header, path, target)?;
    } else {
        builder.append_data(&mut header, path, &mut entry)?;
    }
    if kind != EntryType::Directory {
        sent.files += 1;
        sent.bytes += entry.size();
    }
    Ok(())
}

fn add(builder: &mut Builder<impl Write>, path: &str, content: &str, modified: u64, sent: &mut Sent) -> Result<()> {
    let mut header = header(EntryType::Regular, content.len() as u64, 0o644, modified);
    builder.append_data(&mut header, path, content.as_bytes())?;
    sent.files += 1;
    sent.bytes += content.len() as u64;
    Ok(())
}

fn header(kind: EntryType, size: u64, mode: u32, modified: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(modified);
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ignore;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        let mut sent = Sent::default();
        let mut link = header(EntryType::Symlink, 0, 0o777, 9);
        builder.append_link(&mut link, "link", "/etc/passwd").expect("a link");
        for (path, content) in files {
            add(&mut builder, path, content, 9, &mut sent).expect("a file");
        }
        builder.into_inner().expect("an archive")
    }

    fn recipe(file: RecipeFile, context: Context) -> Recipe {
        Recipe { file, target: None, arguments: vec![], secrets: vec![], unused: vec![], exposed_port: None, context }
    }

    fn run(recipe: &Recipe, input: &[u8]) -> (Sent, Vec<(String, u64)>) {
        let mut output = Vec::new();
        let sent = assemble(recipe, input, &mut output, 7).expect("assembled");
        let mut archive = Archive::new(output.as_slice());
        let entries = archive.entries().expect("entries").map(|entry| entry.expect("an entry"));
        let names = entries.map(|entry| (entry.path().expect("a path").to_string_lossy().into_owned(), entry.header().mtime().expect("a time"))).collect();
        (sent, names)
    }

    #[test]
    fn ignored_files_stay_out_but_the_dockerfile_does_not() {
        let ignore = Ignore::parse(".dockerignore", "*\n!src").expect("patterns");
        let file = RecipeFile::InContext("Dockerfile".parse().expect("a path"));
        let long = format!("src/{}", "x".repeat(180));
        let (sent, names) =
            run(&recipe(file, Context::Tree { ignore }), &archive(&[("Dockerfile", "FROM a"), ("src/a", "12345"), ("secret", "x"), (&long, "")]));
        assert_eq!(names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Dockerfile", "src/a", &long]);
        assert!(names.iter().all(|(_, modified)| *modified == 7));
        assert_eq!(sent, Sent { files: 3, bytes: 11, left_out: 2 });
    }

    #[test]
    fn a_site_lies_below_its_directory_and_its_settings_beside_it() {
        let context = Context::Site { directory: "dist".parse().expect("a path"), settings: "{}".to_owned() };
        let (_, names) =
            run(&recipe(RecipeFile::Generated { content: "FROM a".to_owned() }, context), &archive(&[("index.html", "hi"), ("site.json", "mine")]));
        let names: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["site/link", "site/index.html", "site/site.json", "wharf.Dockerfile", "site.json"]);
    }

    #[test]
    fn a_pasted_dockerfile_is_sent_alone() {
        let (sent, names) = run(&recipe(RecipeFile::Generated { content: "FROM a".to_owned() }, Context::Empty), &[]);
        assert_eq!((sent.files, names), (1, vec![("wharf.Dockerfile".to_owned(), 7)]));
    }
}
