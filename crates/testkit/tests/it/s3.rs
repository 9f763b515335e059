//! The S3 server is used by a client that signs as Amazon says: curl.

use testkit::{Fault, TestS3};

/// The smallest part that S3 takes but for the last one.
const PART_BYTES: usize = 5 << 20;

/// What is answered, its status in the last line.
async fn curl(s3: &TestS3, secret: &str, arguments: &[&str], path: &str, body: Vec<u8>) -> (u16, String) {
    let user = format!("{}:{secret}", s3.key_id());
    let command = host::Command::new("curl").args(["--silent", "--show-error", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", &user]);
    let command = command.args(["--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "--write-out", "\n%{http_code}", "--max-time", "20"]);
    let output = command.args(arguments.iter().copied()).arg(format!("{}{path}", s3.endpoint())).input(body).run().await.expect("curl");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = text.rsplit_once('\n').expect("a status");
    (status.parse().expect("a number"), body.to_owned())
}

async fn put(s3: &TestS3, path: &str, body: Vec<u8>) -> (u16, String) {
    curl(s3, s3.secret(), &["--request", "PUT", "--data-binary", "@-", "--include"], path, body).await
}

async fn get(s3: &TestS3, path: &str) -> (u16, String) {
    curl(s3, s3.secret(), &[], path, Vec::new()).await
}

#[tokio::test]
async fn an_object_is_put_listed_read_and_deleted_by_who_has_the_secret() {
    let s3 = TestS3::start().await.expect("an S3 server");
    assert_eq!(put(&s3, "/backups/day/one.sql", b"select 1;".to_vec()).await.0, 200);
    assert_eq!(get(&s3, "/backups/day/one.sql").await, (200, "select 1;".to_owned()));
    assert_eq!(s3.object(s3.bucket(), "day/one.sql").expect("there"), b"select 1;");
    let (status, listed) = get(&s3, "/backups?list-type=2&prefix=day").await;
    assert!(status == 200 && listed.contains("<Key>day/one.sql</Key>"), "{status} {listed}");

    assert_eq!(curl(&s3, "wrong", &[], "/backups/day/one.sql", Vec::new()).await.0, 403);
    assert_eq!(curl(&s3, s3.secret(), &["--request", "DELETE"], "/backups/day/one.sql", Vec::new()).await.0, 204);
    assert_eq!(get(&s3, "/backups/day/one.sql").await.0, 404);
    assert!(!s3.has(s3.bucket(), "day/one.sql"));
}

#[tokio::test]
async fn an_object_arrives_in_parts() {
    let s3 = TestS3::start().await.expect("an S3 server");
    let (status, begun) = curl(&s3, s3.secret(), &["--request", "POST"], "/backups/large?uploads=", Vec::new()).await;
    assert_eq!(status, 200, "{begun}");
    let between = |text: &str, from: &str, to: &str| text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).expect(from).0.to_owned();
    let upload = between(&begun, "<UploadId>", "</UploadId>");
    let mut parts = String::new();
    for (number, body) in [(1, vec![b'a'; PART_BYTES]), (2, b"end".to_vec())] {
        let (status, head) = put(&s3, &format!("/backups/large?partNumber={number}&uploadId={upload}"), body).await;
        assert_eq!(status, 200, "{head}");
        let tag = between(&head.to_lowercase(), "etag: ", "\r\n");
        parts.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"));
    }
    let whole = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    let (status, ended) =
        curl(&s3, s3.secret(), &["--request", "POST", "--data-binary", "@-"], &format!("/backups/large?uploadId={upload}"), whole.into()).await;
    assert_eq!(status, 200, "{ended}");
    let object = s3.object(s3.bucket(), "large").expect("there");
    assert!(object.len() == PART_BYTES + 3 && object.ends_with(b"aaend"), "{} bytes", object.len());
}

#[tokio::test]
async fn faults_come_and_go() {
    let s3 = TestS3::start().await.expect("an S3 server");
    s3.set_fault(Fault::TooManyRequests);
    assert_eq!(put(&s3, "/backups/one", b"1".to_vec()).await.0, 429);
    s3.set_fault(Fault::ServerError);
    assert_eq!(put(&s3, "/backups/one", b"1".to_vec()).await.0, 500);
    assert!(!s3.has(s3.bucket(), "one"));
    s3.set_fault(Fault::None);
    assert_eq!(put(&s3, "/backups/one", b"1".to_vec()).await.0, 200);
}
