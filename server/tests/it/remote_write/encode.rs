//! Remote write messages, encoded by hand from the specifications: it shares nothing with the server's decoder.

/// A series to send.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series {
    pub(crate) labels: Vec<(String, String)>,
    /// Milliseconds and value.
    pub(crate) samples: Vec<(i64, f64)>,
    /// When it was zero, in milliseconds; 0 is not known.
    pub(crate) created: i64,
}

pub(crate) fn series(labels: &[(&str, &str)], samples: &[(i64, f64)]) -> Series {
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Series { labels, samples: samples.to_vec(), created: 0 }
}

pub(crate) fn varint(mut number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = u8::try_from(number % 128).unwrap();
        number /= 128;
        if number == 0 {
            out.push(low);
            return out;
        }
        out.push(low + 128);
    }
}

/// A field with a length.
pub(crate) fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [varint(field * 8 + 2), varint(u64::try_from(content.len()).unwrap()), content.to_vec()].concat()
}

/// A field with a number.
pub(crate) fn number(field: u64, value: i64) -> Vec<u8> {
    [varint(field * 8), varint(value.cast_unsigned())].concat()
}

/// A field with a double.
pub(crate) fn double(field: u64, value: f64) -> Vec<u8> {
    [varint(field * 8 + 1), value.to_le_bytes().to_vec()].concat()
}

pub(crate) fn label(name: &str, value: &str) -> Vec<u8> {
    bytes(1, &[bytes(1, name.as_bytes()), bytes(2, value.as_bytes())].concat())
}

/// `prometheus.WriteRequest`.
pub(crate) fn v1(all: &[Series]) -> Vec<u8> {
    let one = |series: &Series| {
        let labels = series.labels.iter().flat_map(|(name, value)| label(name, value));
        let samples = series
            .samples
            .iter()
            .flat_map(|(millis, value)| bytes(2, &[double(1, *value), number(2, *millis)].concat()));
        bytes(1, &labels.chain(samples).collect::<Vec<u8>>())
    };
    all.iter().flat_map(one).collect()
}

/// `io.prometheus.write.v2.Request`.
pub(crate) fn v2(all: &[Series]) -> Vec<u8> {
    let mut symbols = vec![String::new()];
    let mut symbol = |text: &str| {
        let place = symbols.iter().position(|symbol| symbol == text).unwrap_or_else(|| {
            symbols.push(text.to_owned());
            symbols.len() - 1
        });
        varint(u64::try_from(place).unwrap())
    };
    let mut series = Vec::new();
    for one in all {
        let references: Vec<u8> =
            one.labels.iter().flat_map(|(name, value)| [symbol(name), symbol(value)].concat()).collect();
        let mut message = bytes(1, &references);
        for (millis, value) in &one.samples {
            let start = if one.created == 0 { Vec::new() } else { number(3, one.created) };
            message.extend(bytes(2, &[double(1, *value), number(2, *millis), start].concat()));
        }
        series.extend(bytes(5, &message));
    }
    symbols.iter().flat_map(|symbol| bytes(4, symbol.as_bytes())).chain(series).collect()
}

/// A snappy block of literals.
pub(crate) fn snappy(message: &[u8]) -> Vec<u8> {
    let mut out = varint(u64::try_from(message.len()).unwrap());
    for part in message.chunks(60) {
        out.push(u8::try_from((part.len() - 1) * 4).unwrap());
        out.extend_from_slice(part);
    }
    out
}
