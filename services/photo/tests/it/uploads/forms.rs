//! Bodies as they stream in, also hostile ones.

use std::convert::Infallible;

use bytes::Bytes;
use demeter_photo::uploads::intake::{Intake, IntakeError, Limits, read};
use futures::stream;
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    max_file_bytes: 1_000,
    max_files: 3,
};
const FORM: &str = "multipart/form-data; boundary=XX";

/// A part named `file`, or a text field.
pub(crate) fn part(name: &str, filename: Option<&str>, content: &[u8]) -> Vec<u8> {
    let filename = filename.map_or_else(String::new, |name| format!("; filename=\"{name}\""));
    let head = format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"{filename}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

pub(crate) fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), b"--XX--\r\n".to_vec()].concat()
}

async fn read_in_pieces(
    body: &[u8],
    piece: usize,
    content_type: &str,
) -> Result<Intake, IntakeError> {
    let pieces: Vec<_> = body
        .chunks(piece.max(1))
        .map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece)))
        .collect();
    read(stream::iter(pieces), content_type, LIMITS).await
}

#[tokio::test]
async fn a_form_reads_the_same_however_it_is_cut() {
    let body = form(&[
        part("file", Some("C:\\photos\\a.jpg"), b"first"),
        part("storage_location_id", None, b" 7 "),
        part("other", None, b"ignored"),
        part("file", Some("b.jpg"), b"second"),
        part("request_id", None, b""),
    ]);

    for piece in [1, 2, 7, 64, 10_000] {
        let mut intake = read_in_pieces(&body, piece, FORM).await.unwrap();

        let names: Vec<_> = intake
            .files
            .iter()
            .map(|file| file.filename.as_str())
            .collect();
        assert_eq!(names, ["a.jpg", "b.jpg"]);
        let second = intake.files[1].content.as_mut().unwrap();
        assert_eq!(second.read().unwrap(), "second");
        assert_eq!(intake.fields.storage_location_id.as_deref(), Some("7"));
        assert_eq!(intake.fields.request_id, None);
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_and_the_next_one_is_read() {
    let body = form(&[
        part("file", Some("large"), &[b'x'; 1_001]),
        part("file", Some("fits"), &[b'x'; 1_000]),
    ]);

    let intake = read_in_pieces(&body, 100, FORM).await.unwrap();

    let refused = intake.files[0].content.as_ref().unwrap_err();
    assert_eq!(refused.reason(), "FILE_TOO_LARGE");
    assert_eq!(intake.files[1].content.as_ref().unwrap().size(), 1_000);
}

#[tokio::test]
async fn one_file_too_many_refuses_the_form() {
    let parts: Vec<_> = (0..4).map(|_| part("file", Some("x"), b"x")).collect();

    let refused = read_in_pieces(&form(&parts), 100, FORM).await.unwrap_err();

    assert!(matches!(refused, IntakeError::File(file) if file.reason() == "TOO_MANY_FILES"));
}

#[tokio::test]
async fn a_form_that_is_cut_off_or_has_no_boundary_is_refused() {
    let body = form(&[part("file", Some("a"), b"content")]);

    for length in 0..body.len() - 4 {
        assert!(
            read_in_pieces(&body[..length], 16, FORM).await.is_err(),
            "{length}"
        );
    }
    assert!(
        read_in_pieces(&body, 16, "multipart/form-data")
            .await
            .is_err()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_forms_are_answered(
        noise in proptest::collection::vec(any::<u8>(), 0..400),
        at in 0_usize..400,
        piece in 1_usize..50,
    ) {
        let mut body = form(&[
            part("file", Some("a"), b"content"),
            part("taken_at", None, b"2026-01-01T00:00:00Z"),
        ]);
        let at = at.min(body.len());
        let end = (at + noise.len()).min(body.len());
        body.splice(at..end, noise.iter().copied());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();

        let answers = runtime.block_on(async {
            (
                read_in_pieces(&body, piece, FORM).await,
                read_in_pieces(&noise, piece, FORM).await,
            )
        });

        for intake in [answers.0, answers.1].into_iter().flatten() {
            prop_assert!(intake.files.len() <= LIMITS.max_files);
        }
    }
}
