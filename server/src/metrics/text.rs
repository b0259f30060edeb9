//! Prometheus' text format 0.0.4, as far as we write it.

use std::fmt::{Display, Write as _};

/// A value that is read when it is asked for.
#[derive(Debug, Clone)]
pub struct Gauge {
    /// The family's name.
    pub name: &'static str,
    /// What it tells.
    pub help: &'static str,
    /// The samples: labels with their values, and the value.
    pub samples: Vec<(Vec<(&'static str, String)>, f64)>,
}

/// An exposition under way.
#[derive(Debug, Default)]
pub struct Text {
    text: String,
}

impl Text {
    /// Begins a family. Each has one place in the text.
    pub(super) fn family(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {}\n# TYPE {name} {kind}", escaped(help, false));
    }

    /// A sample of the family that was begun last.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let pairs: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value, true))).collect();
        let braces = if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) };
        let _ = writeln!(self.text, "{name}{braces} {value}");
    }

    /// A whole family of gauges.
    pub fn gauge(&mut self, gauge: &Gauge) {
        self.family(gauge.name, gauge.help, "gauge");
        for (labels, value) in &gauge.samples {
            let labels: Vec<(&str, &str)> =
                labels.iter().map(|(label, value)| (*label, value.as_str())).collect();
            self.sample(gauge.name, &labels, value);
        }
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }
}

fn escaped(text: &str, quotes: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quotes { text.replace('"', "\\\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_line_or_a_value_is_escaped() {
        let mut text = Text::default();
        let samples = vec![(vec![("a", "x\"y\\z\nw".to_owned())], 1.5), (Vec::new(), 2.0)];
        text.gauge(&Gauge { name: "g", help: "One\nline \"here\".", samples });
        let expected = "# HELP g One\\nline \"here\".\n# TYPE g gauge\ng{a=\"x\\\"y\\\\z\\nw\"} 1.5\ng 2\n";
        assert_eq!(text.finish(), expected);
    }
}
