//! Who may upload now. Every upload that is taken holds a stream, room on the disk
//! for its files and, one after another, the memory of their pixels; those above
//! the limits are refused before a byte of them is kept, and not left waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::TooManyUploads;

/// Uploads that are taken at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadLimits {
    /// Of everyone together.
    pub in_all: usize,
    /// Of one person.
    pub per_user: usize,
}

/// The door. Clones share it.
#[derive(Clone, Debug)]
pub struct Admission {
    limits: UploadLimits,
    inside: Arc<Mutex<Inside>>,
}

/// Leave to upload; dropping it makes room for the next one.
#[derive(Debug)]
pub struct Admitted {
    user: String,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug, Default)]
struct Inside {
    all: usize,
    /// Nobody is in it without an upload.
    of: HashMap<String, usize>,
}

// === impl Admission ===

impl Admission {
    /// An empty house.
    pub fn new(limits: UploadLimits) -> Self {
        Self {
            limits,
            inside: Arc::default(),
        }
    }

    /// Lets one more upload of a person in, or says why not.
    pub fn admit(&self, user: &str) -> Result<Admitted, TooManyUploads> {
        let UploadLimits { in_all, per_user } = self.limits;
        let mut inside = lock(&self.inside);
        let mine = inside.of.get(user).copied().unwrap_or(0);
        if mine >= per_user {
            return Err(TooManyUploads::PerUser { limit: per_user });
        }
        if inside.all >= in_all {
            return Err(TooManyUploads::InAll { limit: in_all });
        }
        inside.all += 1;
        inside.of.insert(user.to_owned(), mine + 1);
        Ok(Admitted {
            user: user.to_owned(),
            inside: Arc::clone(&self.inside),
        })
    }
}

// === impl Admitted ===

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut inside = lock(&self.inside);
        inside.all -= 1;
        let mine = inside.of.get(&self.user).copied().unwrap_or(0);
        if mine > 1 {
            inside.of.insert(self.user.clone(), mine - 1);
        } else {
            inside.of.remove(&self.user);
        }
    }
}

/// Counting cannot panic half-way, so a poisoned count is a good one.
fn lock(inside: &Mutex<Inside>) -> MutexGuard<'_, Inside> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_cannot_fill_the_house_and_who_leaves_makes_room() {
        let door = Admission::new(UploadLimits {
            in_all: 3,
            per_user: 2,
        });
        let anna = [door.admit("anna").unwrap(), door.admit("anna").unwrap()];

        assert_eq!(
            door.admit("anna").unwrap_err(),
            TooManyUploads::PerUser { limit: 2 }
        );
        let berta = door.admit("berta").unwrap();
        assert_eq!(
            door.admit("clara").unwrap_err(),
            TooManyUploads::InAll { limit: 3 }
        );

        drop(berta);
        let clara = door.admit("clara").unwrap();
        drop((anna, clara));
        assert!(lock(&door.inside).of.is_empty(), "nobody is remembered");
        assert_eq!(lock(&door.inside).all, 0);
    }
}
