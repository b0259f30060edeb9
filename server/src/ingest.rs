//! What others send us, decoded and checked before it reaches the store.

pub mod slices;
