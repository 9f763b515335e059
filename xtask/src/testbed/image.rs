//! Images under their Docker Hub names and with their Hub contract, made from the distribution's packages by the Dockerfiles in `xtask/images`.
//!
//! An image carries the digest of its recipe as a label: one whose recipe has not changed is neither made nor pushed again.

use crate::program::Program;
use crate::testbed::{machine, registry};
use crate::workspace;
use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

const LABEL: &str = "testbed.recipe";

/// How many images are made at once: much of it is waiting for packages.
const AT_ONCE: usize = 3;

/// An image of the test bed. Those without a base are made first.
struct Image {
    /// Its name on Docker Hub.
    name: &'static str,
    /// Its tags on Docker Hub that the tests and examples use, the first for building on.
    tags: &'static [&'static str],
    /// What it is made on; its recipe is part of this one's.
    base: Option<&'static str>,
    /// The part of its recipe that is this image, where the recipe makes several.
    target: Option<&'static str>,
    /// Whether Docker Hub has it.
    hub: bool,
}

impl Image {
    const fn new(name: &'static str, tags: &'static [&'static str], base: Option<&'static str>) -> Self {
        Self { name, tags, base, target: None, hub: true }
    }

    const fn on_debian(name: &'static str, tags: &'static [&'static str]) -> Self {
        Self::new(name, tags, Some("debian"))
    }
}

const IMAGES: &[Image] = &[
    Image::new("busybox", &["latest"], None),
    Image::new("debian", &["latest", "sid", "stable-slim"], None),
    Image::on_debian("node", &["latest", "24", "slim", "24-slim"]),
    Image::on_debian("golang", &["latest", "1"]),
    Image::on_debian("php", &["8-apache", "apache", "8.4-apache"]),
    Image::on_debian("mysql", &["latest", "9", "8"]),
    Image { target: Some("since-18"), ..Image::on_debian("postgres", &["latest", "18", "18-alpine"]) },
    Image { target: Some("before-18"), ..Image::on_debian("postgres", &["17", "17-alpine", "16", "16-alpine", "15-alpine"]) },
    Image { hub: false, ..Image::on_debian("testhost", &["latest"]) },
    Image::on_debian("mariadb", &["latest", "11"]),
    Image::on_debian("python", &["latest", "3", "slim", "3-slim"]),
    Image::on_debian("nginx", &["latest", "stable", "alpine"]),
    Image::on_debian("redis", &["latest", "8", "7", "7.2", "alpine"]),
    Image::on_debian("valkey/valkey", &["latest", "9", "8"]),
];

impl Image {
    fn recipe(&self) -> PathBuf {
        workspace::root().join("xtask/images").join(self.name.rsplit('/').next().unwrap_or(self.name))
    }

    /// Its name for the registry: what Docker Hub keeps without an owner belongs to `library` there.
    fn repository(&self) -> String {
        if self.name.contains('/') { self.name.to_owned() } else { format!("library/{}", self.name) }
    }

    fn hub_name(&self, tag: &str) -> String {
        format!("{}:{tag}", self.name)
    }

    fn mirror_name(&self, tag: &str) -> String {
        format!("{}/{}:{tag}", registry::ADDRESS, self.repository())
    }

    fn digest(&self) -> Result<String> {
        let mut hasher = DefaultHasher::new();
        let mut files: Vec<PathBuf> = fs::read_dir(self.recipe())?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
        for file in files {
            fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?.hash(&mut hasher);
        }
        if self.target.is_some() {
            self.target.hash(&mut hasher);
        }
        if let Some(base) = IMAGES.iter().find(|image| Some(image.name) == self.base) {
            base.digest()?.hash(&mut hasher);
        }
        Ok(format!("{:016x}", hasher.finish()))
    }
}

/// Makes and pushes every image that is missing or out of date.
pub fn make_all(state: &Path) -> Result<()> {
    in_order(IMAGES.iter(), |image| {
        let tags = if is_there(image)? {
            let published = tags_published(image);
            image.tags.iter().copied().filter(|tag| !published.iter().any(|there| there == tag)).collect()
        } else {
            make(image, state)?;
            image.tags.to_vec()
        };
        push(image, &tags)
    })
}

/// Fetches from Docker Hub what it has, and makes the rest.
pub fn pull_all(state: &Path) -> Result<()> {
    for image in IMAGES.iter().filter(|image| image.hub) {
        println!("Pulling {}.", image.name);
        image.tags.iter().try_for_each(|tag| Program::new("docker").args(["pull", "--quiet", &image.hub_name(tag)]).quiet())?;
    }
    in_order(IMAGES.iter().filter(|image| !image.hub), |image| if is_there(image)? { Ok(()) } else { make(image, state) })
}

/// Does this with the images that others are made on, one by one, then with the others, several at once.
fn in_order<'a>(images: impl Iterator<Item = &'a Image>, work: impl Fn(&Image) -> Result<()> + Sync) -> Result<()> {
    let (first, others): (Vec<_>, Vec<_>) = images.partition(|image| image.base.is_none());
    first.into_iter().try_for_each(&work)?;
    let queue = Mutex::new(others.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || std::iter::from_fn(next).try_for_each(&work);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the thread that made an image panicked"))))
    })
}

/// Whether the engine has it as its recipe says, or fetches that from the registry, which outlives an engine's store.
fn is_there(image: &Image) -> Result<bool> {
    let digest = image.digest()?;
    Ok(label_of(&image.hub_name(image.tags[0])).as_deref() == Some(&digest) || fetched(image, &digest))
}

/// Prints each image and whether the engine and the registry have it.
pub fn print_status() {
    for image in IMAGES {
        let there = if label_of(&image.hub_name(image.tags[0])).is_some() { "there" } else { "missing" };
        println!("image     {:<18} {there}, {} of {} tags in the registry", image.hub_name(image.tags[0]), tags_published(image).len(), image.tags.len());
    }
}

fn label_of(image: &str) -> Option<String> {
    let format = format!("{{{{index .Config.Labels \"{LABEL}\"}}}}");
    Program::new("docker").args(["image", "inspect", "--format", &format, image]).text().ok()
}

fn fetched(image: &Image, digest: &str) -> bool {
    let name = image.mirror_name(image.tags[0]);
    Program::new("docker").args(["pull", "--quiet", &name]).succeeds() && label_of(&name).as_deref() == Some(digest) && tag(image, &name).is_ok()
}

fn tag(image: &Image, from: &str) -> Result<()> {
    let names = image.tags.iter().flat_map(|tag| [image.hub_name(tag), image.mirror_name(tag)]);
    names.into_iter().filter(|name| name != from).try_for_each(|name| Program::new("docker").args(["tag", from, &name]).quiet())
}

fn make(image: &Image, state: &Path) -> Result<()> {
    let began = Instant::now();
    let digest = image.digest()?;
    let context = state.join("images").join(image.target.unwrap_or(image.name));
    prepare(image, state, &context)?;
    let name = image.hub_name(image.tags[0]);
    let arguments = machine::package_addresses().into_iter().flat_map(|(name, value)| ["--build-arg".to_owned(), format!("{name}={value}")]);
    Program::new("docker")
        .args(["build", "--quiet", "--tag", &name, "--label", &format!("{LABEL}={digest}")])
        .args(arguments)
        .args(image.target.into_iter().flat_map(|target| ["--target", target]))
        .arg(&context)
        .env("DOCKER_BUILDKIT", "1")
        .quiet()
        .with_context(|| format!("the test bed's image {name} cannot be made"))?;
    tag(image, &name)?;
    println!("Made {name} ({:.1} s).", began.elapsed().as_secs_f32());
    Ok(())
}

/// Lays out the build context: the recipe, and for the first images the files they are made of.
fn prepare(image: &Image, state: &Path, context: &Path) -> Result<()> {
    fs::create_dir_all(context)?;
    for entry in fs::read_dir(image.recipe())? {
        let entry = entry?;
        fs::copy(entry.path(), context.join(entry.file_name()))?;
    }
    match image.name {
        "busybox" => fs::copy("/bin/busybox", context.join("busybox")).map(drop).context("/bin/busybox cannot be copied"),
        "debian" => debian_root(state, context),
        _ => Ok(()),
    }
}

fn debian_root(state: &Path, context: &Path) -> Result<()> {
    let root = state.join("debian");
    let archive = context.join("root.tar");
    if !archive.exists() {
        println!("Fetching Debian's base system.");
        if root.exists() {
            fs::remove_dir_all(&root)?;
        }
        Program::new("debootstrap").args(["--variant=minbase", "sid"]).arg(&root).arg(machine::package_mirror()?).quiet()?;
        Program::new("tar").arg("-C").arg(&root).args(["--exclude=./dev/*", "--exclude=./var/cache/apt/*", "-cf"]).arg(&archive).arg(".").quiet()?;
        fs::remove_dir_all(&root)?;
    }
    match machine::authorities() {
        Some(bundle) => fs::copy(bundle, context.join("authorities.pem")).map(drop).context("the machine's certificate authorities cannot be copied"),
        None => fs::write(context.join("authorities.pem"), "").context("the build context cannot be written"),
    }
}

fn tags_published(image: &Image) -> Vec<String> {
    let answer = ureq::get(format!("http://{}/v2/{}/tags/list", registry::ADDRESS, image.repository())).call();
    let list: serde_json::Value = answer.ok().and_then(|mut answer| answer.body_mut().read_json().ok()).unwrap_or_default();
    let tags = list["tags"].as_array().cloned().unwrap_or_default();
    tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).filter(|tag| image.tags.contains(&tag.as_str())).collect()
}

fn push(image: &Image, tags: &[&str]) -> Result<()> {
    for tag in tags {
        Program::new("docker").args(["tag", &image.hub_name(image.tags[0]), &image.mirror_name(tag)]).quiet()?;
        Program::new("docker").args(["push", "--quiet", &image.mirror_name(tag)]).quiet()?;
    }
    Ok(())
}
