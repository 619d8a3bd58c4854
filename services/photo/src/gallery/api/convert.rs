//! What a reader asks for.

use demeter_proto::photo::v1 as pb;

use crate::error::Error;
use crate::uploads::api::convert::stage;
use crate::uploads::domain::Stage;

/// What a client filters by: `None` for the zero value; an error for a status
/// that no session has.
pub(super) fn stage_filter(number: i32) -> Result<Option<Stage>, Error> {
    if number == pb::ProcessingStatus::Unspecified as i32 {
        return Ok(None);
    }
    Stage::ALL
        .into_iter()
        .find(|known| stage(*known) as i32 == number)
        .map(Some)
        .ok_or_else(|| Error::Invalid {
            field: "status",
            problem: "is a status that no photo has".to_owned(),
        })
}
