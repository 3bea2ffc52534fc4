//! Everything that can go wrong, as a closed list. Our sentences belong to the locales; details go to the log.

use serde::{Deserialize, Serialize};

/// Why a request was not carried out. Crosses to the browser, so it carries no text of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in, or the session has ended.
    #[error("sign in first")]
    SignInRequired,
    /// There is no such thing, or it is not this person's: both answer alike.
    #[error("not found")]
    NotFound,
    /// The person may not do this.
    #[error("not allowed")]
    Forbidden,
    /// Staff look through a resident's eyes and change nothing.
    #[error("view-as is read-only")]
    ViewAsReadOnly,
    /// Some fields cannot be accepted as typed; nothing was changed.
    #[error("some fields need another look")]
    Invalid(Vec<FieldError>),
    /// Too many tries; wait this long.
    #[error("too many tries")]
    TooManyTries {
        /// Seconds until the next try is heard.
        retry_after: u32,
    },
    /// More files of one account than are read in an hour.
    #[error("too many files")]
    TooManyFiles {
        /// So many are.
        limit: u32,
        /// Seconds until the next one is read.
        retry_after: u32,
    },
    /// More messages of one account than are taken in an hour.
    #[error("too many messages")]
    TooManyMessages {
        /// So many are.
        limit: u32,
        /// Seconds after which the next one is surely taken.
        retry_after: u32,
    },
    /// The address or link was used already or is too old.
    #[error("the link has expired")]
    LinkExpired,
    /// Someone else changed it in the meantime.
    #[error("changed in the meantime")]
    Changed,
    /// The payment processor does not answer; nothing was charged.
    #[error("the payment processor does not answer")]
    ProcessorDown,
    /// More than the server takes.
    #[error("too large")]
    TooLarge {
        /// What it takes, in bytes.
        limit: u64,
    },
    /// Something failed on our side; the log has it under this number.
    #[error("internal error {id}")]
    Internal {
        /// The number to quote.
        id: u64,
    },
    /// The server could not be reached, or answered nonsense.
    #[error("no connection")]
    Network,
}

impl AppError {
    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::SignInRequired => 401,
            Self::NotFound => 404,
            Self::Forbidden | Self::ViewAsReadOnly => 403,
            Self::Invalid(_) => 422,
            Self::TooManyTries { .. } | Self::TooManyFiles { .. } | Self::TooManyMessages { .. } => 429,
            Self::LinkExpired => 410,
            Self::Changed => 409,
            Self::ProcessorDown => 503,
            Self::TooLarge { .. } => 413,
            Self::Internal { .. } => 500,
            Self::Network => 502,
        }
    }

    /// One field that cannot be accepted.
    #[must_use]
    pub fn field(field: Field, problem: Problem) -> Self {
        Self::Invalid(vec![FieldError { field, problem }])
    }
}

#[cfg(feature = "server-fn")]
impl server_fn::error::FromServerFnError for AppError {
    type Encoder = server_fn::codec::JsonEncoding;

    fn from_server_fn_error(error: server_fn::error::ServerFnErrorErr) -> Self {
        use server_fn::error::ServerFnErrorErr as E;
        match error {
            E::Args(_) | E::MissingArg(_) => Self::Invalid(Vec::new()),
            _ => Self::Network,
        }
    }
}

/// What is wrong with one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Which field.
    pub field: Field,
    /// What is wrong with it.
    pub problem: Problem,
}

/// A field of some form. Add a name here when a form gets a new field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// E-mail address or account number at sign-in.
    Login,
    /// Password.
    Password,
    /// New password.
    NewPassword,
    /// Account number.
    AccountNumber,
    /// Postcode of the account's address.
    Postcode,
    /// The fact from the bill that proves it is theirs.
    BillAmount,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Amount to pay.
    Amount,
    /// First day of a range.
    From,
    /// Last day of a range.
    To,
    /// First day of the range that another is held against.
    OtherFrom,
    /// Last day of the range that another is held against.
    OtherTo,
    /// A day.
    On,
    /// Kind of service request.
    RequestKind,
    /// What the person wrote.
    Message,
    /// A photo or a usage file.
    File,
    /// A name for a data set.
    Label,
    /// A time zone.
    Zone,
    /// What the times of a usage file count.
    Times,
    /// What of a usage file is kept.
    Channels,
    /// What a channel of a usage file meters.
    Service,
    /// Why staff opens view-as.
    Reason,
    /// How fine a chart is.
    Steps,
    /// What a chart counts.
    Measure,
    /// A search text.
    Search,
    /// A number of months.
    Months,
    /// A saved way to pay.
    Method,
    /// The days and amounts of scheduled payments.
    Parts,
    /// Days before the due date.
    DaysBefore,
    /// The most that autopay takes.
    Limit,
    /// Above which share autopay asks.
    Brake,
    /// Whether autopay takes what is due today.
    Today,
}

/// What is wrong with a field. The locales say it in words and name what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Nothing was given.
    Missing,
    /// Not of the right form.
    Malformed,
    /// Too short.
    TooShort,
    /// Too long.
    TooLong,
    /// Too small a number.
    TooSmall,
    /// Too large a number.
    TooLarge,
    /// Wrong, without saying which part (sign-in, claim).
    NoMatch,
    /// The range ends before it starts.
    Reversed,
    /// Outside what there is.
    OutOfRange,
    /// In use already.
    Taken,
    /// A password that is too easily guessed.
    Guessable,
    /// A file that ends in the middle, or that cannot be read at all.
    Unreadable,
    /// A file that is not as its kind is.
    Garbled,
    /// A file that is not as its kind is in one of its lines, counted from 1.
    GarbledLine(u32),
    /// A file that asks for what may do harm.
    Unsafe,
    /// A file that is too large once it is unpacked.
    Unpacked,
    /// A file that is no picture of a kind that is taken.
    NoPicture,
    /// A file with nothing in it.
    Empty,
    /// A web page in place of the file.
    WebPage,
    /// A file of another kind.
    WrongKind,
    /// A file that could be read but holds no use.
    NoReadings,
    /// More of them than are kept.
    TooMany,
    /// More than is left of what it is taken from.
    MoreThanLeft,
}
