//! The `meterside` program: portal, command line, jobs, demo.

pub mod cli;
mod collections;
pub mod compare;
pub mod config;
pub mod demo;
pub mod downloads;
pub mod guest;
pub mod help;
pub mod http;
pub mod markers;
mod paying;
pub mod portal;
pub mod readings;
pub mod sandbox;
pub mod serve;
pub mod webhooks;
