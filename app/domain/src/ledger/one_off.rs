//! Credits that are given once and named on the next bill.

use serde::{Deserialize, Serialize};

/// What a one-off credit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum OneOff {
    /// The state's climate credit.
    Climate,
    /// Help from the city's fund for households that are behind.
    Pledge,
    /// What was billed too much before and is not corrected bill by bill.
    BackBill,
    /// For a leak that was repaired.
    Leak,
    /// For something that went wrong on our side.
    Goodwill,
}

impl OneOff {
    /// In the order of a form.
    pub const ALL: [Self; 5] = [Self::Climate, Self::Pledge, Self::BackBill, Self::Leak, Self::Goodwill];

    /// The word in forms.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Climate => "climate",
            Self::Pledge => "pledge",
            Self::BackBill => "back_bill",
            Self::Leak => "leak",
            Self::Goodwill => "goodwill",
        }
    }

    /// Reads what [`OneOff::slug`] gave.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.slug() == slug)
    }
}
