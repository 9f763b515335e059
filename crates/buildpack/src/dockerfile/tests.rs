//! What the reader must see in Dockerfiles as people write them.

use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Dockerfile {
    Dockerfile::parse(text).expect("a Dockerfile")
}

fn fault(text: &str) -> (usize, String) {
    let fault = Dockerfile::parse(text).expect_err("a fault");
    (fault.line, fault.why)
}

#[test]
fn stages_their_bases_and_their_names_are_found() {
    let file = read("ARG TAG=1.2\nFROM --platform=linux/amd64 rust:${TAG} AS Build\nRUN make\nfrom build as test\nFROM scratch\nCOPY --from=build /a /a\n");
    let stages: Vec<_> = file.stages.iter().map(|stage| (stage.line, stage.name.as_deref(), stage.base.as_str(), stage.parent)).collect();
    assert_eq!(stages, [(2, Some("build"), "rust:1.2", None), (4, Some("test"), "build", Some(0)), (5, None, "scratch", None)]);
    assert_eq!((file.stage(None), file.stage(Some("BUILD")), file.stage(Some("1")), file.stage(Some("nope"))), (Some(2), Some(0), Some(1), None));
}

#[test]
fn ports_come_from_the_stage_and_what_it_begins_from() {
    let file = read("FROM a AS base\nENV PORT=3000\nEXPOSE 9229\nFROM base\nEXPOSE $PORT/tcp 53/udp ${OTHER:-8080}\n");
    assert_eq!(file.ports(1), [3000, 8080, 9229]);
    assert_eq!(file.ports(0), [9229]);
}

#[test]
fn an_argument_keeps_the_default_given_before_the_first_stage() {
    assert_eq!(read("ARG PORT=81\nFROM a\nARG PORT\nEXPOSE $PORT").ports(0), [81]);
    assert_eq!(read("FROM a\nARG PORT\nEXPOSE ${PORT}").ports(0), Vec::<u16>::new());
}

#[test]
fn arguments_and_secrets_are_listed() {
    let file =
        read("ARG A\nFROM x\nARG B=1 C\nRUN --mount=type=secret,id=TOKEN --mount=type=cache,target=/c \\\n --mount=type=secret,target=/run/secrets/npm npm ci");
    assert_eq!(file.arguments.iter().collect::<Vec<_>>(), ["A", "B", "C"]);
    assert_eq!(file.secrets.iter().collect::<Vec<_>>(), ["TOKEN", "npm"]);
}

#[test]
fn continuations_skip_comments_and_blank_lines() {
    let file = read("FROM a\nRUN one \\\n  # why\n\n  two\nEXPOSE 80 \\  \n 81\n");
    assert_eq!(file.ports(0), [80, 81]);
}

#[test]
fn the_escape_directive_replaces_the_backslash() {
    let file = read("# escape=`\nFROM windows\nCOPY a c:\\\nEXPOSE 80 `\n 81\n");
    assert_eq!(file.ports(0), [80, 81]);
    let file = read("# a comment first\n# escape=`\nFROM a\nEXPOSE 80 \\\n 81\n");
    assert_eq!(file.ports(0), [80, 81]);
}

#[test]
fn here_documents_are_not_instructions() {
    let file = read("FROM a\nRUN <<EOF bash\nEXPOSE 1\nFROM b\nEOF\nCOPY <<-'X' <<Y /d/\nEXPOSE 2\n\tX\nEXPOSE 3\nY\nRUN echo \"<<Z\"\nEXPOSE 80\n");
    assert_eq!((file.stages.len(), file.ports(0)), (1, vec![80]));
    assert_eq!(file.stages[0].copies, []);
}

#[test]
fn a_health_check_may_be_switched_off_again() {
    let file = read("FROM a AS b\nHEALTHCHECK --interval=5s CMD curl x\nFROM b AS c\nFROM b\nHEALTHCHECK NONE");
    assert_eq!((file.has_health_check(0), file.has_health_check(1), file.has_health_check(2)), (true, true, false));
}

#[test]
fn what_is_copied_from_the_context_is_known() {
    let file = read("FROM a\nCOPY --chown=1:1 a b /c/\nCOPY [\"d e\", \"/f\"]\nCOPY --from=nginx:1 /x /y\nADD https://h/x /y\n");
    let copies: Vec<_> = file.stages[0].copies.iter().map(|copied| (copied.line, copied.sources.join("|"))).collect();
    assert_eq!(copies, [(2, "a|b".to_owned()), (3, "d e".to_owned()), (5, "https://h/x".to_owned())]);
}

#[test]
fn what_no_build_accepts_is_named_with_its_line() {
    assert_eq!(fault("").0, 1);
    assert!(fault("# only words\nARG A\n").1.contains("no FROM"));
    assert_eq!(fault("\nRUN x\nFROM a"), (2, "RUN stands before FROM: only ARG may".to_owned()));
    assert_eq!(fault("FROM a\nCOPPY a b"), (2, "COPPY is no instruction: COPY is".to_owned()));
    assert_eq!(fault("FROM a\nRUN x\n  && y").0, 3);
    assert_eq!(fault("FROM a b").0, 1);
    assert_eq!(fault("FROM a AS 1x").0, 1);
    assert_eq!(fault("FROM a\nEXPOSE web").0, 2);
    assert_eq!(fault("FROM a\nRUN <<EOF\nx\n"), (2, "the here-document is never closed: end it with a line that holds only EOF".to_owned()));
    assert_eq!(fault("FROM a\nFROM b\nCOPY --from=1 x y").0, 3);
    assert_eq!(fault("FROM a AS b\nCOPY --from=b x y").0, 2);
    assert_eq!(fault("FROM a\nWORKDIR").0, 2);
    assert_eq!(fault("FROM a\nCOPY x").0, 2);
}

#[test]
fn a_frontend_of_its_own_is_left_to_itself() {
    assert_eq!(read("# syntax=example.com/mocker\napiVersion: v1\n"), Dockerfile::default());
    assert_eq!(read("# syntax=docker/dockerfile:1\nFROM a\n").stages.len(), 1);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = Dockerfile::parse(&text);
    }

    #[test]
    fn no_arrangement_of_its_own_words_makes_the_reader_panic(parts in prop::collection::vec(
        prop::sample::select(vec!["FROM", "ARG", "COPY", "RUN", "EXPOSE", "ENV", " ", "\n", "\\", "\\\n", "<<EOF", "EOF", "--from=", "0", "a", "$", "${", "}", ":-", "=", "\"", "'", "[", "]", "#", "é", "\t", "# escape=`\n", "--mount=type=secret,"]), 0..40)) {
        if let Ok(file) = Dockerfile::parse(&parts.concat()) {
            for stage in 0..=file.stages.len() {
                let _ = (file.ports(stage), file.has_health_check(stage));
            }
        }
    }
}
