//! What is drawn, told to plotters as a colour: the red part is the kind of mark, green and blue are its number. The backend
//! turns it into a class and a `data-i`.

use plotters::style::{RGBColor, ShapeStyle};

/// A kind of mark with its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ink(u8);

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Role {
    Grid = 0,
    Zero = 1,
    Tick = 2,
    Label = 3,
    /// Used, or what was used cost.
    Use = 4,
    /// Sent back, below zero.
    Back = 5,
    /// Fixed charges, under what was used.
    Fixed = 6,
    /// Nothing is known here.
    NoData = 7,
    /// The other of two data sets.
    Other = 8,
    /// A text that says there are no readings.
    Note = 9,
    /// A line of what the chart is about.
    Line = 10,
    /// A line of what it is held against.
    LineBefore = 11,
    /// A line of the year before.
    LineYear = 12,
    /// A line of temperatures.
    Warm = 13,
    /// A cell of a map; its strength is in the flags.
    Heat = 14,
    /// Used when it is cheapest.
    Cheap = 15,
}

const ESTIMATED: u8 = 16;
const OPEN: u8 = 32;
const SO_FAR: u8 = 64;
const PEAK: u8 = 128;
/// The number of marks that have none.
pub(crate) const NO_INDEX: u16 = u16::MAX;

impl Ink {
    pub(crate) const fn new(role: Role) -> Self {
        Self(role as u8)
    }

    /// The beginning of something that people marked.
    pub(crate) const fn flag() -> Self {
        Self(Role::Tick as u8 | OPEN)
    }

    /// A cell of a map, of a strength from 0 to 5.
    pub(crate) const fn heat(strength: u8) -> Self {
        Self(Role::Heat as u8 | (strength << 4))
    }

    pub(crate) const fn estimated(self, yes: bool) -> Self {
        Self(if yes { self.0 | ESTIMATED } else { self.0 })
    }

    pub(crate) const fn open(self, yes: bool) -> Self {
        Self(if yes { self.0 | OPEN } else { self.0 })
    }

    pub(crate) const fn so_far(self, yes: bool) -> Self {
        Self(if yes { self.0 | SO_FAR } else { self.0 })
    }

    /// Used when it is dearest.
    pub(crate) const fn peak(self, yes: bool) -> Self {
        Self(if yes { self.0 | PEAK } else { self.0 })
    }

    pub(crate) const fn is_estimated(self) -> bool {
        self.0 & ESTIMATED != 0 && !matches!(self.role(), Role::Heat)
    }

    pub(crate) const fn role(self) -> Role {
        match self.0 & 15 {
            0 => Role::Grid,
            1 => Role::Zero,
            2 => Role::Tick,
            3 => Role::Label,
            4 => Role::Use,
            5 => Role::Back,
            6 => Role::Fixed,
            8 => Role::Other,
            9 => Role::Note,
            10 => Role::Line,
            11 => Role::LineBefore,
            12 => Role::LineYear,
            13 => Role::Warm,
            14 => Role::Heat,
            15 => Role::Cheap,
            _ => Role::NoData,
        }
    }

    /// The classes of the group that holds such marks.
    pub(crate) fn write_class(self, out: &mut String) {
        out.push_str(match self.role() {
            Role::Grid => "grid",
            Role::Zero => "zero",
            Role::Tick if self.0 & OPEN != 0 => {
                out.push_str("flag");
                return;
            }
            Role::Tick => "tick",
            Role::Label => "label",
            Role::Use => "mark use",
            Role::Back => "mark back",
            Role::Fixed => "mark fixed",
            Role::NoData => "nodata",
            Role::Other => "mark other",
            Role::Note => "note",
            Role::Line => "line",
            Role::LineBefore => "line before",
            Role::LineYear => "line year",
            Role::Warm => "line warm",
            Role::Cheap => "mark use cheap",
            Role::Heat => {
                out.push_str("heat-");
                out.push(char::from(b'0' + (self.0 >> 4)));
                return;
            }
        });
        for (flag, class) in [(ESTIMATED, " estimated"), (OPEN, " open"), (SO_FAR, " sofar"), (PEAK, " peak")] {
            if self.0 & flag != 0 {
                out.push_str(class);
            }
        }
    }

    pub(crate) fn color(self, index: u16) -> RGBColor {
        let [high, low] = index.to_be_bytes();
        RGBColor(self.0, high, low)
    }

    pub(crate) fn fill(self, index: u16) -> ShapeStyle {
        ShapeStyle::from(self.color(index)).filled()
    }

    pub(crate) fn stroke(self) -> ShapeStyle {
        ShapeStyle::from(self.color(NO_INDEX))
    }

    pub(crate) fn read((kind, high, low): (u8, u8, u8)) -> (Self, u16) {
        (Self(kind), u16::from_be_bytes([high, low]))
    }
}
