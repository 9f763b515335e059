//! The fuzz targets over seeds and what mutation makes of them: bounded, and the same on every machine.

mod hostile;
mod mutate;

#[path = "../../../../fuzz/src/delivery.rs"]
mod delivery;
#[path = "../../../../fuzz/src/forms.rs"]
mod forms;
#[path = "../../../../fuzz/src/trees.rs"]
mod trees;
#[path = "../../../../fuzz/src/values.rs"]
mod values;

use mutate::mutated;

#[test]
fn values_are_refused_or_read_back_as_they_are_shown() {
    let seeds: &[&[u8]] = &[
        b"https://shop.example.com:8443/api",
        b"*.example.com",
        b"registry.example.com:5000/team/app:1.2@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        b"git@github.com:ada/shop.git",
        b"ssh://git@host:2222/ada/shop.git",
        b"refs/tags/v1.0",
        b"0123456789abcdef0123456789abcdef01234567",
        br#"node "a b" 'c $d' e\ f && "q\"x" "" *"#,
        b"127.0.0.1:8080:80/tcp",
        b"8080-8090:80/udp",
        b"ada+x@example.com",
        b"/var/lib/data",
        b"a/b/../c",
        "Sch\u{f6}ner L\u{e4}rm".as_bytes(),
    ];
    mutated(seeds, 12_000, values::values);
}

#[test]
fn env_texts_are_refused_or_written_back_to_the_same_values() {
    let seeds: &[&[u8]] =
        &[b"# c\nexport A=1 # x\nB='a $b'\nC=\"x\\ny \\\"z\\\"\"\nD=\"one\ntwo\"\nE=\n", b"A=\"two  \n lines\\\\\"\r\nB=x\r\n", b"A='never closed\nB=2"];
    mutated(seeds, 8_000, values::dotenv);
}

#[test]
fn texts_of_forms_are_refused_or_written_back_to_the_same() {
    let seeds: &[&[u8]] =
        &[b"a=b=c\n\n d = e \nlast=", b"X-Frame-Options: DENY\nCache-Control: no-store, max-age=0", b"1.5 GiB", b"512m", b"0.25", b"a, b\nc", b"true"];
    mutated(seeds, 8_000, forms::forms);
}

#[test]
fn a_quote_that_is_never_closed_costs_no_more_than_its_length() {
    let text = format!("A=\"{}", "\n".repeat(1_000_000));
    let began = std::time::Instant::now();
    values::dotenv(text.as_bytes());
    assert!(began.elapsed().as_secs() < 10, "took {:?}", began.elapsed());
}

#[test]
fn dockerfiles_and_ignore_files_are_read_whatever_is_in_them() {
    let dockerfiles: &[&[u8]] = &[
        b"# syntax=docker/dockerfile:1\nARG V=1\nFROM --platform=$BUILDPLATFORM node:${V:-20} AS build\nRUN --mount=type=secret,id=T \\\n  npm ci # x\nEXPOSE 80/tcp 90-92\n",
        b"FROM a\nCOPY <<EOF /x\nline\nEOF\nHEALTHCHECK CMD true\nCMD [\"a\", \"b\"]\n",
        b"# escape=`\r\nFROM a AS b `\r\n  \r\nENV A=$A ${B:+x} ${C}\r\n",
    ];
    mutated(dockerfiles, 6_000, trees::dockerfile);
    mutated(&[b"# c\n*\n!src\n**/*.log\n[a-z]?/\\*\n/abs/\n../up\n", b"a[^b]\n[!c]\n!\n//\n"], 4_000, trees::ignore);
}

#[test]
fn archives_stay_inside_the_build_context() {
    let seed = archive();
    mutated(&[&seed], 2_000, trees::context);
}

/// An archive with what an attacker would put into it.
fn archive() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (kind, path, link) in [
        (tar::EntryType::Regular, "Dockerfile", ""),
        (tar::EntryType::Regular, "../../escape", ""),
        (tar::EntryType::Regular, "/absolute", ""),
        (tar::EntryType::Symlink, "link", "/etc"),
        (tar::EntryType::Regular, "link/passwd", ""),
        (tar::EntryType::Link, "hard", "/etc/passwd"),
        (tar::EntryType::Block, "device", ""),
        (tar::EntryType::Fifo, "pipe", ""),
        (tar::EntryType::Directory, "d/", ""),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(if kind == tar::EntryType::Regular { 5 } else { 0 });
        header.set_mode(0o4777);
        // Written into the field itself: the safe way refuses such names.
        let bytes = header.as_mut_bytes();
        bytes[..path.len()].copy_from_slice(path.as_bytes());
        bytes[157..157 + link.len()].copy_from_slice(link.as_bytes());
        header.set_cksum();
        builder.append(&header, if kind == tar::EntryType::Regular { &b"hello"[..] } else { &[] }).expect("appended");
    }
    builder.into_inner().expect("an archive")
}

#[test]
fn every_entry_that_leads_out_is_refused_or_left_out() {
    let archive = archive();
    for length in (512..archive.len()).step_by(512) {
        trees::context(&archive[..length]);
    }
    // Each entry alone, so that no refusal hides the next.
    for begin in (0..archive.len() - 1024).step_by(512) {
        trees::context(&archive[begin..]);
    }
}

#[test]
fn deliveries_are_refused_or_read() {
    let seeds: &[&[u8]] = &[
        br#"{"ref":"refs/heads/main","before":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","after":"0000000000000000000000000000000000000000","deleted":true,"repository":{"full_name":"Ada/Shop"},"commits":[{"id":"b","message":"m","added":["a"],"removed":[],"modified":[]}]}"#,
        br#"{"object_kind":"push","ref":"refs/tags/v1","project":{"path_with_namespace":"ada/shop"},"commits":[],"total_commits_count":30}"#,
        br#"{"repository":{"full_name":"ada/shop"},"push":{"changes":[{"new":{"type":"branch","name":"main","target":{"hash":"cccccccccccccccccccccccccccccccccccccccc","message":"m"}},"old":null,"truncated":true}]}}"#,
        b"payload=%7B%22ref%22%3A%22refs%2Fheads%2Fmain%22%7D",
    ];
    mutated(seeds, 1_500, delivery::delivery);
}
