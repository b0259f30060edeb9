//! What others send us, decoded and checked before it reaches the store.

pub mod events;
pub mod protobuf;
pub mod remote_write;
pub mod slices;
