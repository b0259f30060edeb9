//! Sealed days against the slices that they were made of.

use domain::{Block, Measured};
use proptest::prelude::*;

use super::*;

const DAY: Day = Day(20_000);

/// Slices of a day that do not overlap, of all kinds, with gaps.
pub(in crate::store) fn any_day(day: Day) -> impl Strategy<Value = Vec<Slice>> {
    let length = prop_oneof![8 => Just(60_u32), 2 => Just(300), 1 => 1..4_000_u32, 1 => Just(86_400 * 3)];
    let gap = prop_oneof![8 => Just(0_u32), 2 => Just(60), 1 => 0..20_000_u32];
    let count = prop_oneof![0..200_u64, Just(0), Just(1_000_000_000_000)];
    let kind = 0..10_u8;
    let slice = (gap, length, count.clone(), count, kind, any::<(u32, u32, u32)>(), "[a-zé]{0,12}");
    (0..DAY_SECONDS, prop::collection::vec(slice, 0..120)).prop_map(move |(first, slices)| {
        let mut next = day.start() + first / 60 * 60;
        let mut day_slices = Vec::new();
        for (gap, seconds, good, total, kind, cuts, reason) in slices {
            let start = next + i64::from(gap);
            if start >= day.end() {
                break;
            }
            next = start + i64::from(seconds);
            let from = cuts.0 % (seconds + 1);
            let to = from + cuts.1 % (seconds - from + 1);
            let measurement = match kind {
                0 => Measurement::Unknown(reason),
                1 => Measurement::Measured(Measured {
                    good,
                    total,
                    measured_seconds: cuts.2 % (to - from + 1),
                    from: start + i64::from(from),
                    to: start + i64::from(to),
                }),
                2 => Measurement::Measured(Measured {
                    good,
                    total,
                    measured_seconds: seconds,
                    from: start,
                    to: next,
                }),
                _ => Measurement::Measured(Measured {
                    good: good.min(total),
                    total,
                    measured_seconds: seconds,
                    from: start,
                    to: next,
                }),
            };
            day_slices.push(Slice { start, seconds, measurement });
        }
        day_slices
    })
}

fn hours_of(slices: &[Slice]) -> Vec<Block> {
    hours::sums(slices).into_iter().map(|(start, sum)| Block { start, seconds: 3_600, sum }).collect()
}

proptest! {
    #[test]
    fn slices_come_back_as_they_were(slices in any_day(DAY)) {
        let bytes = Encoder::new().unwrap().encode(DAY, &slices).unwrap();
        prop_assert_eq!(&decode(DAY, &bytes).unwrap(), &slices);
        let summary = Summary::of(DAY, &slices);
        prop_assert_eq!(unpack_hours(DAY, &summary.hours).unwrap(), hours_of(&slices));
    }

    #[test]
    fn damage_is_noticed(slices in any_day(DAY), place: prop::sample::Index, bit in 0..8_u8) {
        let mut bytes = Encoder::new().unwrap().encode(DAY, &slices).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        // Either it is refused, or the bit had no meaning.
        prop_assert!(decode(DAY, &bytes).is_err_and(|error| !error.0.is_empty()) || decode(DAY, &bytes).unwrap() == slices);
        bytes.truncate(place);
        prop_assert!(decode(DAY, &bytes).is_err());
    }

    #[test]
    fn foreign_bytes_are_refused_or_read_without_a_panic(bytes: Vec<u8>) {
        let _ = decode(DAY, &bytes);
        let _ = unpack_hours(DAY, &bytes);
    }
}

#[test]
fn a_usual_day_takes_little() {
    let slices: Vec<Slice> = (0..1_440)
        .map(|minute| {
            let start = DAY.start() + minute * 60;
            let total = 90 + (minute.unsigned_abs() * 7_919) % 31;
            let measured = Measured { good: total, total, measured_seconds: 60, from: start, to: start + 60 };
            Slice { start, seconds: 60, measurement: Measurement::Measured(measured) }
        })
        .collect();
    let payload = Encoder::new().unwrap().encode(DAY, &slices).unwrap();
    assert!(payload.len() < 1_440, "{} bytes", payload.len());
    let summary = Summary::of(DAY, &slices);
    assert!(summary.hours.len() < 100, "{} bytes", summary.hours.len());
    assert_eq!((summary.slices, summary.first_start, summary.last_start), (1_440, Some(0), Some(86_340)));
    assert_eq!((summary.last_seconds, summary.reach), (Some(60), 86_400));
}

#[test]
fn days_are_those_of_utc() {
    for (unix, day) in [(0, 0), (86_399, 0), (86_400, 1), (-1, -1), (-86_400, -1), (-86_401, -2)] {
        assert_eq!(Day::of(Instant::from_unix(unix)), Day(day), "{unix}");
    }
}
