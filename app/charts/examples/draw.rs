//! Draws a burn-down natively: JSON of a `BurnDown` on standard input; geometry, overlay and lane, a line each, on
//! standard output. The end-to-end test compares these bytes with what the browser drew from the same data.

use std::error::Error;
use std::io::{Read as _, Write as _, stdin, stdout};

use charts::BurnDown;

fn main() -> Result<(), Box<dyn Error>> {
    let mut json = String::new();
    stdin().read_to_string(&mut json)?;
    let figure = serde_json::from_str::<BurnDown>(&json)?.figure();
    write!(stdout(), "{}\n{}\n{}", figure.geometry, figure.overlay, figure.lane)?;
    Ok(())
}
