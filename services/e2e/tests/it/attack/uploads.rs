//! Files that want more than there is.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::{Length, Row};
use crate::harness::{System, User};
use crate::refusals::png_header;

const MB: u64 = 1_000_000;

pub(super) async fn long_thin_picture(system: &System, admin: &User) -> Row {
    let row = Row::new(
        5,
        "a picture of 64,000,000 x 1 pixels",
        "4 GB and 30 s, also after the answer",
    );
    let (before, began) = (system.memory(), Instant::now());
    let picture = png_header(64_000_000, 1);
    let status = admin.upload_raw("image/png", picture, "").await.0.as_u16();
    let seconds = began.elapsed().as_secs_f64();
    let grown = system.memory().saturating_sub(before) / MB;
    row.now(
        format!("{status} after {seconds:.1} s, {grown} MB more"),
        (400..500).contains(&status) && seconds < 10.0 && grown < 100,
    )
}

/// A photo of a side in which every pixel is another one, and then nothing: its
/// bytes are as many as are asked for, and its pixels take work.
fn noise(length: Length) -> Vec<u8> {
    let mut seed = 1_u32;
    let picture = image::RgbImage::from_fn(length.side, length.side, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [red, green, blue, _] = seed.to_be_bytes();
        image::Rgb([red, green, blue])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    let mut bytes = bytes.into_inner();
    bytes.resize(length.upload_bytes, 0);
    bytes
}

/// How an upload ends: its status and, of a refusal, whether it says when to return.
async fn upload(user: &User, number: usize, photo: &[u8]) -> (String, bool) {
    let photo = [photo, &number.to_be_bytes()].concat();
    match user.try_upload(photo).await {
        Ok(answer) => {
            let returns = answer.headers().contains_key("retry-after");
            (answer.status().as_u16().to_string(), returns)
        }
        Err(_) => ("broken off".to_owned(), false),
    }
}

/// Small calls, one after another, until told to stop: how long but one in a hundred
/// took at most.
async fn small_calls(user: &User, stop: &AtomicBool) -> Duration {
    let mut waits = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let asked = Instant::now();
        user.get("/api/v1/stock/batches?page_size=5").await;
        waits.push(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    waits.sort_unstable();
    waits
        .get(waits.len() * 99 / 100)
        .copied()
        .unwrap_or_default()
}

/// The same, while nobody uploads.
async fn small_calls_in_peace(user: &User) -> Duration {
    let stop = AtomicBool::new(false);
    let end = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        stop.store(true, Ordering::Relaxed);
    };
    tokio::join!(small_calls(user, &stop), end).0
}

async fn highest_memory(system: &System, stop: &AtomicBool) -> u64 {
    let highest = AtomicU64::new(0);
    while !stop.load(Ordering::Relaxed) {
        highest.fetch_max(system.gateway_memory().await, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    highest.into_inner()
}

pub(super) async fn flood(system: &System, admin: &User, length: Length) -> Row {
    let row = Row::new(
        7,
        "uploads at once",
        "50 of 20 MB: 38 ended in 504 after 36 s, Envoy went from 113 to 707 MB",
    );
    let photo = noise(length);
    let idle = system.gateway_memory().await;
    let calm = small_calls_in_peace(admin).await;
    let (stop, began) = (AtomicBool::new(false), Instant::now());
    let uploads = async {
        let uploads = (0..length.uploads).map(|number| upload(admin, number, &photo));
        let ends = futures::future::join_all(uploads).await;
        stop.store(true, Ordering::Relaxed);
        ends
    };
    let (ends, slowest, highest) = tokio::join!(
        uploads,
        small_calls(admin, &stop),
        highest_memory(system, &stop)
    );
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (status, _) in &ends {
        *counts.entry(status).or_default() += 1;
    }
    let told = ends
        .iter()
        .all(|(status, returns)| status != "429" || *returns);
    let held = counts.keys().all(|status| ["202", "429"].contains(status));
    let taken = counts.contains_key("202");
    let now = format!(
        "{counts:?} in {:.1} s, Envoy from {} to {} MB, small calls p99 {} ms (in peace {})",
        began.elapsed().as_secs_f64(),
        idle / MB,
        highest / MB,
        slowest.as_millis(),
        calm.as_millis(),
    );
    // A machine that is busy with other things is slow by itself.
    let in_time = slowest < length.small_call.max(calm * 4);
    row.now(
        now,
        held && taken && told && in_time && highest < idle + 200 * MB,
    )
}
