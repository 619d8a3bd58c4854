//! The service's one error: kinds by what the caller can do next.

use demeter_db::Conflict;
use sea_orm::DbErr;

use crate::database::StoreError;
use crate::database::requests::Refused;
use crate::ids::MovementId;
use crate::invalid::Invalid;

/// Keys that two writers of the same request, session, batch code, reversal, bin,
/// configuration, operation, sample, count session, entry
/// or month may both try to take.
const RACES: [&str; 23] = [
    "requests_pkey",
    "requests_request_id_key",
    "photo_counts_pkey",
    "photo_counts_processing_session_id_key",
    "hand_counts_pkey",
    "hand_counts_hand_count_id_key",
    "stock_batches_batch_code_key",
    "stock_movements_reverses_movement_id_key",
    "stock_movements_reverses_movement_id",
    "storage_bins_code_key",
    "storage_location_config_storage_location_id_key",
    "configuration_operations_operation_id_key",
    "density_samples_request_id_key",
    "count_sessions_count_session_id_key",
    "count_entries_count_entry_id_key",
    "months_pkey",
    "months_month_key",
    "closed_months_pkey",
    "closed_months_month_key",
    "month_acts_pkey",
    "month_acts_month_act_id_key",
    "month_approvals_pkey",
    "month_approvals_month_storage_location_id_key",
];

/// Why a call did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be right; each field says why.
    #[error("{}", problems(.0))]
    Invalid(Vec<Invalid>),
    /// There is no such thing.
    #[error("there is no {what} {key}")]
    NotFound {
        /// For people, for example `batch`.
        what: &'static str,
        /// As asked for.
        key: String,
    },
    /// No location's outline covers the point.
    #[error("no active location covers this point")]
    OutsideAllLocations,
    /// A business rule said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is there already.
    #[error(transparent)]
    Exists(#[from] Exists),
    /// Of many items, which were to be entered together or not at all, some cannot be.
    #[error("nothing was entered: {} of the movements were refused, the first because {}",
            .0.len(), .0.first().map_or("", |item| &item.problem))]
    Items(Vec<ItemRefused>),
    /// Somebody else was faster: what the caller read is no more.
    #[error(transparent)]
    Changed(#[from] Changed),
    /// The database cannot be reached or has no time.
    #[error("stock is not available, try again")]
    Unavailable(#[source] StoreError),
    /// A fault of ours.
    #[error("internal error")]
    Internal(#[source] StoreError),
}

/// One of many items that cannot be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRefused {
    /// Its field, for example `movements[3].quantity`.
    pub field: String,
    /// Why, and what to do.
    pub problem: String,
}

/// The rules that can say no to a well-formed request.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The batch holds fewer plants.
    #[error("the batch holds {have} plants, {wanted} were to be taken")]
    NotEnoughPlants {
        /// Plants that it holds.
        have: i64,
        /// Plants that were asked for.
        wanted: i64,
    },
    /// The bed holds fewer plants of what was named, or may be sold of it: how many it
    /// holds, and how many were asked for.
    #[error("the bed holds {0} plants that this may take, {1} were to be taken")]
    NotEnoughInBed(i64, i64),
    /// The batch has fewer empty pots.
    #[error(
        "the batch has {have} empty pots, {wanted} were to be filled: plant the others without uses_empty_containers"
    )]
    NotEnoughPots {
        /// Empty pots that it has.
        have: i64,
        /// Pots that were to be filled.
        wanted: i64,
    },
    /// Plants of this state are not sold.
    #[error(
        "batch {0} is of a state that is not sold: transplant the plants to a state that is, then sell them"
    )]
    NotSellable(String),
    /// What a count or the ledger's arithmetic entered cannot be taken back.
    #[error(
        "movement {0} is {1} that nobody entered by itself: correct it with another count, or take back the movement that it belongs to"
    )]
    NotReversible(MovementId, &'static str),
    /// A reversal is not taken back.
    #[error("movement {0} takes back another one: enter what happened anew")]
    IsReversal(MovementId),
    /// It was taken back before.
    #[error("the movement was taken back already, by movement {0}")]
    ReversedAlready(MovementId),
    /// Nothing is planted where nothing is grown any more.
    #[error("location {0} is not active")]
    LocationInactive(String),
    /// Nothing says what grows there.
    #[error("location {0} has no active configuration: set what grows there first")]
    NoConfiguration(String),
    /// What was is not edited.
    #[error("configuration {0} is history: edit the active one")]
    ConfigurationClosed(i32),
    /// A session that was posted or cancelled takes nothing more.
    #[error("the count session is closed: open another one")]
    CountSessionClosed,
    /// Who entered a count withdraws it.
    #[error("somebody else entered this count: ask them to withdraw it")]
    EntryOfAnother,
    /// There is nothing to calibrate with, or to post.
    #[error("no plants were counted: count some first")]
    NothingCounted,
    /// Nobody said how large the area was.
    #[error(
        "nothing says how large the counted area was: send area_cm2, or configure the bed with its area"
    )]
    NoArea,
    /// The location is configured for another product.
    #[error("the location is configured for product {expected}, not {actual}")]
    ProductMismatch {
        /// What the configuration says.
        expected: i32,
        /// What was sent.
        actual: i32,
    },
    /// The location is configured for another packaging.
    #[error("the location is configured for packaging {expected}, not {actual}")]
    PackagingMismatch {
        /// What the configuration says.
        expected: i32,
        /// What was sent; 0 for none.
        actual: i32,
    },
    /// The month is closed for good, so the books take nothing of it.
    #[error(
        "the books are closed up to the end of {month} ({ends_at}): give it a later time, or \
         record what it means for today as ajuste with a reason"
    )]
    PeriodClosed {
        /// The last month that is closed.
        month: String,
        /// When it ended.
        ends_at: String,
    },
    /// It has not begun.
    #[error("{0} has not begun")]
    MonthNotBegun(String),
    /// It is not over.
    #[error("{0} is not over: close it after its last day")]
    MonthNotOver(String),
    /// Months are closed in their order.
    #[error("{0} is open: close it first")]
    EarlierMonthOpen(String),
    /// Sales of beds would be lost.
    #[error(
        "beds are ready and not approved, or their approval is outdated: {0}; approve them, or \
         leave them unapproved"
    )]
    MonthNotApproved(Beds),
    /// What a supervisor read is not what the books say now.
    #[error("the books of {0} have changed since: read the proposal again")]
    ProposalOutdated(Beds),
    /// The numbers of a bed do not come out.
    #[error("the numbers of {0} do not come out: count again, or record ajuste with a reason")]
    NeedsReview(Beds),
    /// A bed lacks a count.
    #[error("{0} has no opening or no closing count: count it in the last days of the month")]
    NotReconcilable(Beds),
    /// There is no approval to be taken back.
    #[error("{0} is not approved")]
    BedNotApproved(Beds),
}

/// What somebody else has changed since the caller read it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Changed {
    /// What is to grow in these locations.
    #[error("the configuration of {} has changed since: read it again", told(.0))]
    Configuration(Vec<String>),
    /// How densely plants stand.
    #[error("the density has changed since: read it again")]
    Density,
    /// What people counted together.
    #[error("somebody entered or withdrew a count since: read the session again")]
    CountSession,
}
/// Codes of beds, for people: a few of many.
#[derive(Debug, PartialEq, Eq)]
pub struct Beds(pub Vec<String>);

/// What is in the way because it is there already.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exists {
    /// A code is in use.
    #[error("this code is in use")]
    CodeTaken,
    /// A name is in use.
    #[error("this name is in use")]
    NameTaken,
    /// A stock-keeping unit is in use.
    #[error("this sku is in use")]
    SkuTaken,
    /// The request id was used with other content.
    #[error("this request_id was used with other content")]
    RequestIdReused,
    /// There is a density of these plants.
    #[error("these plants have a density: edit that one")]
    DensityStated,
    /// The count has calibrated this density.
    #[error("this count has calibrated this density before")]
    CountUsed,
    /// The session was posted with another count.
    #[error("this session was posted with another count")]
    SessionAlreadyPosted,
    /// The month was opened before.
    #[error("{0} was opened before")]
    MonthOpened(String),
    /// Beds are approved already.
    #[error("{0} is approved already: take the approval back first")]
    BedApproved(Beds),
}

/// The first ten of many names, and how many there are besides.
fn told(names: &[String]) -> String {
    let first = names[..names.len().min(10)].join(", ");
    match names.len() {
        0..=10 => first,
        more => format!("{first} and {} more", more - 10),
    }
}

fn problems(faults: &[Invalid]) -> String {
    let told: Vec<_> = faults
        .iter()
        .map(|fault| format!("{}: {}", fault.field, fault.problem))
        .collect();
    told.join("; ")
}

// === impl Beds ===

impl std::fmt::Display for Beds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const TOLD: usize = 10;
        let told: Vec<_> = self.0.iter().take(TOLD).map(String::as_str).collect();
        f.write_str(&told.join(", "))?;
        match self.0.len().checked_sub(TOLD) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, " and {more} more"),
        }
    }
}

// === impl Error ===

impl Error {
    /// What a query found; NOT_FOUND when it found nothing.
    pub fn found<T>(
        found: Result<Option<T>, StoreError>,
        what: &'static str,
        key: impl std::fmt::Display,
    ) -> Result<T, Self> {
        found?.ok_or_else(|| Self::not_found(what, key))
    }

    /// NOT_FOUND unless a query says that there is such a thing.
    pub fn unless(
        exists: Result<bool, StoreError>,
        what: &'static str,
        key: impl std::fmt::Display,
    ) -> Result<(), Self> {
        Self::found(exists.map(|exists| exists.then_some(())), what, key)
    }

    /// Whether the caller's item is at fault, and not the database.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Invalid(_)
            | Self::NotFound { .. }
            | Self::OutsideAllLocations
            | Self::Refused(_)
            | Self::Exists(_)
            | Self::Changed(_)
            | Self::Items(_) => true,
            Self::Unavailable(_) | Self::Internal(_) => false,
        }
    }

    /// Which rule said so, for programs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(_) | Self::Items(_) => "INVALID_FIELD",
            Self::NotFound { .. } => "NOT_FOUND",
            Self::OutsideAllLocations => "OUTSIDE_ALL_LOCATIONS",
            Self::Refused(refusal) => refusal.reason(),
            Self::Exists(exists) => exists.reason(),
            Self::Changed(changed) => changed.reason(),
            Self::Unavailable(_) => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
        }
    }

    /// The field at fault, when it is one.
    pub fn field(&self) -> &str {
        match self {
            Self::Invalid(faults) => faults.first().map_or("", |fault| &fault.field),
            _ => "",
        }
    }

    /// What is wrong, without the field at fault.
    pub fn problem(&self) -> String {
        match self {
            Self::Invalid(faults) if faults.len() == 1 => faults[0].problem.clone(),
            other => other.to_string(),
        }
    }

    /// There is no `what` with this key.
    pub fn not_found(what: &'static str, key: impl std::fmt::Display) -> Self {
        Self::NotFound {
            what,
            key: key.to_string(),
        }
    }
}

// === impl Refusal ===

impl Refusal {
    /// The rule, for programs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotEnoughPlants { .. } | Self::NotEnoughInBed(..) => "NOT_ENOUGH_PLANTS",
            Self::NotEnoughPots { .. } => "NOT_ENOUGH_POTS",
            Self::NotSellable(_) => "NOT_SELLABLE",
            Self::NotReversible(..) => "NOT_REVERSIBLE",
            Self::IsReversal(_) => "IS_REVERSAL",
            Self::ReversedAlready(_) => "REVERSED_ALREADY",
            Self::LocationInactive(_) => "LOCATION_INACTIVE",
            Self::NoConfiguration(_) => "NO_CONFIGURATION",
            Self::ConfigurationClosed(_) => "CONFIGURATION_CLOSED",
            Self::CountSessionClosed => "COUNT_SESSION_CLOSED",
            Self::EntryOfAnother => "ENTRY_OF_ANOTHER",
            Self::NothingCounted => "NOTHING_COUNTED",
            Self::NoArea => "NO_AREA",
            Self::ProductMismatch { .. } => "PRODUCT_MISMATCH",
            Self::PackagingMismatch { .. } => "PACKAGING_MISMATCH",
            Self::PeriodClosed { .. } => "PERIOD_CLOSED",
            Self::MonthNotBegun(_) => "MONTH_NOT_BEGUN",
            Self::MonthNotOver(_) => "MONTH_NOT_OVER",
            Self::EarlierMonthOpen(_) => "EARLIER_MONTH_OPEN",
            Self::MonthNotApproved(_) => "MONTH_NOT_APPROVED",
            Self::NeedsReview(_) => "NEEDS_REVIEW",
            Self::NotReconcilable(_) => "NOT_RECONCILABLE",
            Self::BedNotApproved(_) => "BED_NOT_APPROVED",
            Self::ProposalOutdated(_) => "PROPOSAL_OUTDATED",
        }
    }
}

// === impl Exists ===

impl Exists {
    /// What is there, for programs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::CodeTaken => "CODE_TAKEN",
            Self::NameTaken => "NAME_TAKEN",
            Self::SkuTaken => "SKU_TAKEN",
            Self::RequestIdReused => "REQUEST_ID_REUSED",
            Self::DensityStated => "DENSITY_EXISTS",
            Self::CountUsed => "CALIBRATION_EXISTS",
            Self::SessionAlreadyPosted => "SESSION_ALREADY_POSTED",
            Self::MonthOpened(_) => "MONTH_EXISTS",
            Self::BedApproved(_) => "BED_APPROVED",
        }
    }
}

// === impl Changed ===

impl Changed {
    /// What changed, for programs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Configuration(_) => "CONFIGURATION_CHANGED",
            Self::Density => "DENSITY_CHANGED",
            Self::CountSession => "COUNT_SESSION_CHANGED",
        }
    }
}

// === impl ItemRefused ===

impl From<&Refused> for ItemRefused {
    fn from(refused: &Refused) -> Self {
        let Refused {
            item,
            field,
            reason: _,
            message,
        } = refused;
        let dot = if field.is_empty() { "" } else { "." };
        Self {
            field: format!("movements[{item}]{dot}{field}"),
            problem: message.clone(),
        }
    }
}

impl From<Invalid> for Error {
    fn from(fault: Invalid) -> Self {
        Self::Invalid(vec![fault])
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Conflict(_) => Self::Unavailable(error),
            StoreError::PageToken => Invalid::new("page_token", error.to_string()).into(),
            StoreError::Taken { ref constraint, .. } => match constraint.as_str() {
                "product_categories_code_key" => Exists::CodeTaken.into(),
                "product_families_product_category_id_name_key" => Exists::NameTaken.into(),
                "products_sku_key" | "packaging_catalog_sku_key" | "price_list_sku_key" => {
                    Exists::SkuTaken.into()
                }
                "density_parameters_of_key" => Exists::DensityStated.into(),
                "density_samples_density_parameters_id_processing_session_id_key"
                | "density_samples_density_parameters_id_hand_count_id_key" => {
                    Exists::CountUsed.into()
                }
                raced if RACES.contains(&raced) => Self::Unavailable(error),
                _ => Self::Internal(error),
            },
            StoreError::Corrupt(_) | StoreError::Database(_) => Self::Internal(error),
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl Conflict for Error {
    /// A key that is unavailable because it is taken was taken by another writer
    /// meanwhile: the same work, run again, finds what that one wrote.
    fn is_conflict(&self) -> bool {
        match self {
            Self::Unavailable(StoreError::Conflict(_) | StoreError::Taken { .. }) => true,
            Self::Unavailable(_)
            | Self::Invalid(_)
            | Self::NotFound { .. }
            | Self::OutsideAllLocations
            | Self::Refused(_)
            | Self::Exists(_)
            | Self::Items(_)
            | Self::Changed(_)
            | Self::Internal(_) => false,
        }
    }
}
