//! Bits in bytes, lowest first, and integers of seven bits to a byte.

/// Writes bits behind what a buffer already holds.
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    pending: u64,
    held: u32,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, pending: 0, held: 0 }
    }

    /// Writes the lowest `width` bits, at most 64.
    pub(super) fn put(&mut self, value: u64, width: u32) {
        if width > 32 {
            self.put_short(value & 0xffff_ffff, 32);
            self.put_short(value >> 32, width - 32);
        } else {
            self.put_short(value, width);
        }
    }

    fn put_short(&mut self, value: u64, width: u32) {
        debug_assert!(width <= 32, "short writes fit beside the at most seven bits held");
        let masked = value & ((1u64 << width) - 1);
        self.pending |= masked << self.held;
        self.held += width;
        while self.held >= 8 {
            self.out.push(self.pending.to_le_bytes()[0]);
            self.pending >>= 8;
            self.held -= 8;
        }
    }

    /// Writes what is left of the last byte.
    pub(super) fn finish(self) {
        if self.held > 0 {
            self.out.push(self.pending.to_le_bytes()[0]);
        }
    }
}

/// Reads what [`BitWriter`] wrote; past the end it answers `None`.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    next: usize,
    window: u64,
    held: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, next: 0, window: 0, held: 0 }
    }

    #[inline]
    fn fill(&mut self) {
        if self.held > 56 {
            return;
        }
        if let Some(eight) = self.bytes.get(self.next..self.next + 8) {
            let mut word = [0; 8];
            word.copy_from_slice(eight);
            let whole = (63 - self.held) / 8;
            let bits = whole * 8;
            let fresh = u64::from_le_bytes(word) & ((1u64 << bits) - 1);
            self.window |= fresh << self.held;
            self.held += bits;
            self.next += whole as usize;
            return;
        }
        while self.held <= 56 && self.next < self.bytes.len() {
            self.window |= u64::from(self.bytes[self.next]) << self.held;
            self.held += 8;
            self.next += 1;
        }
    }

    /// The next `width` bits, at most 64.
    #[inline]
    pub(super) fn take(&mut self, width: u32) -> Option<u64> {
        if width > 32 {
            let low = self.take_short(32)?;
            return Some(low | (self.take_short(width - 32)? << 32));
        }
        self.take_short(width)
    }

    #[inline]
    fn take_short(&mut self, width: u32) -> Option<u64> {
        self.fill();
        if self.held < width {
            return None;
        }
        let value = self.window & ((1u64 << width) - 1);
        self.window >>= width;
        self.held -= width;
        Some(value)
    }

    /// Counts one-bits up to the next zero-bit, which is consumed; at most `limit` ones, after which no zero follows.
    #[inline]
    pub(super) fn ones(&mut self, limit: u32) -> Option<u32> {
        self.fill();
        let run = self.window.trailing_ones().min(self.held).min(limit);
        let taken = if run == limit { run } else { run + 1 };
        if self.held < taken {
            return None;
        }
        self.window >>= taken;
        self.held -= taken;
        Some(run)
    }
}

/// Appends an unsigned integer, seven bits to a byte, lowest first.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Reads what [`put_varint`] wrote and moves the slice on.
pub(super) fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value: u64 = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        let low = u64::from(first & 0x7f);
        if shift == 63 && low > 1 {
            return None;
        }
        value |= low << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Signed to unsigned so that small magnitudes stay small.
pub(super) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// Back from [`zigzag`].
pub(super) const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}
