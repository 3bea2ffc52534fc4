//! A service request's life: what it is about, who is to act next, and which words and files are taken.

use serde::{Deserialize, Serialize};

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A bill that is higher than expected.
    HighBill,
    /// Water where it should not be.
    Leak,
    /// A meter that looks wrong or cannot be reached.
    Meter,
    /// Starting, stopping or moving service.
    Move,
    /// No power, no water, no gas. Urgent ones are called in; this is for afterwards and for small ones.
    Outage,
    /// A tree near a line, a street light.
    TreeOrLight,
    /// Paying, arrangements, assistance.
    Payment,
    /// Anything else.
    Other,
}

impl Kind {
    /// All kinds, in the order of the form.
    pub const ALL: [Self; 8] = [
        Self::HighBill,
        Self::Leak,
        Self::Meter,
        Self::Move,
        Self::Payment,
        Self::Outage,
        Self::TreeOrLight,
        Self::Other,
    ];

    /// As in forms and addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HighBill => "high_bill",
            Self::Leak => "leak",
            Self::Meter => "meter",
            Self::Move => "move",
            Self::Outage => "outage",
            Self::TreeOrLight => "tree_or_light",
            Self::Payment => "payment",
            Self::Other => "other",
        }
    }

    /// Reads what [`Kind::name`] gave.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The utility is to answer.
    Open,
    /// The utility answered; the resident may reply.
    Answered,
    /// Settled. A reply opens it again.
    Closed,
}

impl Status {
    /// All, in the order of the staff's list.
    pub const ALL: [Self; 3] = [Self::Open, Self::Answered, Self::Closed];

    /// As in forms and addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }

    /// Reads what [`Status::name`] gave.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// After something happened; `None` where it cannot happen.
    #[must_use]
    pub const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (_, Step::ResidentWrote) => Some(Self::Open),
            (_, Step::StaffAnswered) => Some(Self::Answered),
            (Self::Closed, Step::StaffClosed) => None,
            (_, Step::StaffClosed) => Some(Self::Closed),
        }
    }
}

/// What happens to a request after it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The resident wrote, first or again.
    ResidentWrote,
    /// The utility answered.
    StaffAnswered,
    /// The utility closed it.
    StaffClosed,
}

/// The longest message, in characters.
pub const LONGEST_MESSAGE: usize = 4_000;

/// The largest photo, in bytes.
pub const LARGEST_PHOTO: usize = 10 * 1024 * 1024;

/// Kinds of photo that are taken, told by their first bytes and never by their name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum PhotoKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
    /// GIF.
    Gif,
    /// HEIC or AVIF, as telephones make them.
    Heif,
}

impl PhotoKind {
    /// Tells by the first bytes.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(Self::Webp)
        } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            Some(Self::Gif)
        } else if bytes.get(4..8) == Some(b"ftyp")
            && matches!(bytes.get(8..12), Some(b"heic" | b"heix" | b"mif1" | b"avif" | b"heif" | b"hevc"))
        {
            Some(Self::Heif)
        } else {
            None
        }
    }

    /// The media type under which it is served.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Heif => "image/heic",
        }
    }

    /// The ending of a file name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Heif => "heic",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whose_turn_it_is_follows_who_wrote_last() {
        assert_eq!(Status::Open.after(Step::StaffAnswered), Some(Status::Answered));
        assert_eq!(Status::Answered.after(Step::ResidentWrote), Some(Status::Open));
        assert_eq!(Status::Closed.after(Step::ResidentWrote), Some(Status::Open));
        assert_eq!(Status::Closed.after(Step::StaffClosed), None);
    }

    #[test]
    fn photos_are_told_by_their_first_bytes() {
        assert_eq!(PhotoKind::sniff(b"\xFF\xD8\xFF\xE0abc"), Some(PhotoKind::Jpeg));
        assert_eq!(PhotoKind::sniff(b"RIFF\x10\0\0\0WEBPVP8 "), Some(PhotoKind::Webp));
        assert_eq!(PhotoKind::sniff(b"\0\0\0\x18ftypheic"), Some(PhotoKind::Heif));
        assert_eq!(PhotoKind::sniff(b"<svg xmlns="), None, "SVG can carry scripts");
        assert_eq!(PhotoKind::sniff(b"GIF89"), None);
        assert_eq!(PhotoKind::sniff(b""), None);
    }

    #[test]
    fn names_lead_back() {
        for k in Kind::ALL {
            assert_eq!(Kind::from_name(k.name()), Some(k));
        }
        for s in Status::ALL {
            assert_eq!(Status::from_name(s.name()), Some(s));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_sniffed(bytes in proptest::collection::vec(any::<u8>(), 0..32)) {
            let _ = PhotoKind::sniff(&bytes);
        }
    }
}
