//! Why an account is not billed now, as its residents read it.

use serde::{Deserialize, Serialize};

/// The reason of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// The meter is tested.
    MeterTest,
    /// The resident has asked about the bill.
    Question,
    /// Somebody looks at a reading.
    ReadingCheck,
    /// Prices or the rate schedule are checked.
    PricesCheck,
    /// The agreement is being changed: a move, a plan.
    Agreement,
    /// Something else; the note says what.
    Other,
    /// There is not one reading of a metered service, and no earlier bill to estimate from.
    NoReadings,
    /// The last days of the period have not been read yet.
    WaitingForReadings,
    /// Two agreements for the same service count the same days.
    OverlappingAgreements,
    /// A price or a fact that the bill needs is missing.
    NotPriced,
}

impl HoldReason {
    /// Those that employees give.
    pub const GIVEN: [Self; 6] =
        [Self::MeterTest, Self::Question, Self::ReadingCheck, Self::PricesCheck, Self::Agreement, Self::Other];

    /// The name in forms.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::MeterTest => "meter_test",
            Self::Question => "question",
            Self::ReadingCheck => "reading_check",
            Self::PricesCheck => "prices_check",
            Self::Agreement => "agreement",
            Self::Other => "other",
            Self::NoReadings => "no_readings",
            Self::WaitingForReadings => "waiting_for_readings",
            Self::OverlappingAgreements => "overlapping_agreements",
            Self::NotPriced => "not_priced",
        }
    }

    /// The reason that an employee gave, by its name.
    #[must_use]
    pub fn given(slug: &str) -> Option<Self> {
        Self::GIVEN.into_iter().find(|r| r.slug() == slug)
    }
}

/// Why a bill was corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum CorrectionReason {
    /// Readings were wrong or came late.
    Reads,
    /// A price was wrong.
    Prices,
    /// A fact of the account was wrong: a cart, a schedule, rate assistance.
    Facts,
    /// An earlier bill that units were carried on from was corrected.
    Carried,
    /// Something else; the note says what.
    Other,
}

impl CorrectionReason {
    /// Those that employees give.
    pub const GIVEN: [Self; 4] = [Self::Reads, Self::Prices, Self::Facts, Self::Other];

    /// The name in forms.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Prices => "prices",
            Self::Facts => "facts",
            Self::Carried => "carried",
            Self::Other => "other",
        }
    }

    /// The reason that an employee gave, by its name.
    #[must_use]
    pub fn given(slug: &str) -> Option<Self> {
        Self::GIVEN.into_iter().find(|r| r.slug() == slug)
    }
}
