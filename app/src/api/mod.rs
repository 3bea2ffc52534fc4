//! Server functions: five lines each, one use case each. Reading ones are GET, writing ones POST.

pub mod form;
pub mod home;
pub mod usage;
