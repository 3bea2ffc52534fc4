//! The portal's pages. The server renders them whole (feature `ssr`), the browser takes them over (feature `hydrate`).
//! See `docs/pages.md` for how a page is made.

pub mod api;
pub mod components;
pub mod i18n;
pub mod pages;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod server;
mod shell;
#[cfg(feature = "ssr")]
pub mod staff;

pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::{Assets, shell};
