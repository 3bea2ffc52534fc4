//! One register and one local day of intervals, packed.
