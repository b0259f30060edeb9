//! Bodies of all kinds against the decoder alone; what the server answers to them is told in the integration tests.

use proptest::prelude::*;

use super::*;

#[derive(Default, Debug, PartialEq)]
struct Seen {
    series: Vec<Vec<(String, String)>>,
    samples: Vec<(i64, u64, Option<i64>)>,
    nameless: Vec<&'static str>,
}

impl Sink for Seen {
    fn series(&mut self, labels: &[Label<'_>]) {
        self.series
            .push(labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    }

    fn nameless(&mut self, reason: &'static str) {
        self.nameless.push(reason);
    }

    fn sample(&mut self, sample: Sample) {
        self.samples.push((sample.millis, sample.value.to_bits(), sample.created_millis));
    }
}

#[test]
fn fields_may_stand_in_any_order_and_unknown_ones_are_passed_over() {
    // A sample before the labels; fields 9 and 15 nobody knows.
    let sample = [0x12, 0x0b, 0x10, 0x07, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f];
    let label = [0x0a, 0x06, 0x12, 0x01, b'v', 0x0a, 0x01, b'n'];
    let series = [&sample[..], &[0x48, 0x01], &label, &[0x7d, 1, 2, 3, 4]].concat();
    let message = [&[0x1a, 0x00, 0x0a, u8::try_from(series.len()).unwrap()][..], &series].concat();
    let mut seen = Seen::default();
    assert_eq!(decode(Version::V1, &message, &mut seen), Ok(Extras::default()));
    assert_eq!(seen.series, [vec![("n".to_owned(), "v".to_owned())]]);
    assert_eq!(seen.samples, [(7, 1.0_f64.to_bits(), None)]);
}

#[test]
fn a_series_start_counts_where_a_sample_has_none() {
    // Symbols after the series, references not packed, the series' start after its samples.
    let samples = [&[0x12, 0x02, 0x10, 0x07][..], &[0x12, 0x04, 0x10, 0x09, 0x18, 0x05]].concat();
    let series = [&samples[..], &[0x08, 0x01, 0x08, 0x02, 0x30, 0x03]].concat();
    let symbols = [0x22, 0, 0x22, 1, b'n', 0x22, 1, b'v'];
    let message = [&[0x2a, u8::try_from(series.len()).unwrap()][..], &series, &symbols].concat();
    let mut seen = Seen::default();
    assert_eq!(decode(Version::V2, &message, &mut seen), Ok(Extras::default()));
    assert_eq!(seen.series, [vec![("n".to_owned(), "v".to_owned())]]);
    assert_eq!(seen.samples, [(7, 0, Some(3)), (9, 0, Some(5))]);
}

#[test]
fn a_bomb_is_told_by_its_length() {
    let bomb = [0xff, 0xff, 0xff, 0xff, 0x0f];
    assert_eq!(decompress(&bomb), Err(Refusal::TooLarge { declared: u64::from(u32::MAX) }));
    // 64 MiB, declared by five bytes.
    assert!(matches!(decompress(&[0x80, 0x80, 0x80, 0x20, 0x00]), Err(Refusal::Snappy(_))));
}

#[test]
fn whatever_snappy_makes_small_is_taken() {
    for message in [vec![0; MESSAGE_BYTES_MAX], b"abcdefgh".repeat(100_000)] {
        let body = snap::raw::Encoder::new().compress_vec(&message).unwrap();
        assert!(message.len() <= body.len() * EXPANSION_MAX, "{} of {}", message.len(), body.len());
        assert_eq!(decompress(&body).map(|found| found == message), Ok(true));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for version in [Version::V1, Version::V2] {
            let _ = decode(version, &bytes, &mut Seen::default());
        }
        let _ = decompress(&bytes);
    }

    #[test]
    fn a_good_message_with_a_wrong_byte_is_decoded_or_refused(place in 0_usize..200, byte in any::<u8>()) {
        let label = |n: u8| [0x0a, 0x06, 0x0a, 0x01, n, 0x12, 0x01, n];
        let series = [&label(b'a')[..], &label(b'b'), &[0x12, 0x0b, 0x10, 0x07, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]].concat();
        let mut message = [&[0x0a, u8::try_from(series.len()).unwrap()][..], &series].concat().repeat(3);
        let place = place % message.len();
        message[place] = byte;
        let _ = decode(Version::V1, &message, &mut Seen::default());
    }
}
