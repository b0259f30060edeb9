//! A change applied to a declaration, or why it cannot be.

use crate::calendar::{self, CalendarError};
use crate::estate::{CalendarUnit, Method, Objective, SLICE_SECONDS, SliceRule, Slo, Window};
use crate::proposal::Change;

/// Slices are kept this long, so no window is longer.
pub const MAX_WINDOW_DAYS: i64 = 400;
/// The grid of windows, and the shortest judged slice.
const MINUTE: u32 = SLICE_SECONDS;
/// The longest judged slice; all divide it.
const HOUR: u32 = 3_600;

/// Why something cannot be asked. Texts are for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// No objective at that place.
    #[error("there is no such objective")]
    NoSuchObjective,
    /// Judged slices must fill an hour.
    #[error("slices of {0} s do not fill an hour: use 60 s to 3600 s that divide 3600 s")]
    SliceSeconds(u32),
    /// A slice length or threshold where events are counted.
    #[error(
        "Occurrences counts events, not slices: leave slice length and slice target out, or choose Timeslices"
    )]
    NoSlices,
    /// A threshold where slices count with their ratio.
    #[error("RatioTimeslices judges no slice good or bad: leave the slice target out, or choose Timeslices")]
    NoSliceTarget,
    /// Not whole minutes, or none.
    #[error("a window of {0} s is not made of whole minutes")]
    WindowSeconds(u32),
    /// Longer than what is kept.
    #[error("a window of more than {MAX_WINDOW_DAYS} days is longer than slices are kept")]
    WindowTooLong,
    /// Not one judged slice fits.
    #[error("a window of {window_seconds} s is shorter than a slice of {slice_seconds} s")]
    WindowBelowSlice {
        /// The window.
        window_seconds: u32,
        /// The slice.
        slice_seconds: u32,
    },
    /// Periods that the calendar does not have.
    #[error("the window: {0}")]
    Calendar(#[from] CalendarError),
    /// Steps below the resolution of the data.
    #[error("steps of {0} s are shorter than a minute")]
    StepTooShort(i64),
    /// A look-back of too many steps.
    #[error("a look-back of {0} steps is too long: choose longer steps")]
    TooManySteps(i64),
}

impl Change {
    /// The SLO with all of its objectives changed. A target that is changed was always so: past targets are history
    /// of the declaration, and the question is what another one would have done.
    pub fn apply(&self, slo: &Slo) -> Result<Slo, ChangeError> {
        let method = self.method.unwrap_or(slo.method);
        let window = self.window.clone().unwrap_or_else(|| slo.window.clone());
        if self.window.is_some() {
            check_window(&window)?;
        }
        let objectives: Result<Vec<Objective>, ChangeError> =
            slo.objectives.iter().map(|objective| self.objective(objective, method)).collect();
        let objectives = objectives?;
        if let Window::Rolling { seconds: window_seconds } = window {
            let longest = objectives.iter().filter_map(|objective| Some(objective.slices?.seconds)).max();
            if let Some(slice_seconds) = longest.filter(|slice| *slice > window_seconds) {
                return Err(ChangeError::WindowBelowSlice { window_seconds, slice_seconds });
            }
        }
        Ok(Slo { window, method, objectives, ..slo.clone() })
    }

    fn objective(&self, declared: &Objective, method: Method) -> Result<Objective, ChangeError> {
        let target = self.target.unwrap_or(declared.target);
        let seconds = || match self.slice_seconds.or(declared.slices.map(|rule| rule.seconds)) {
            None => Ok(MINUTE),
            Some(seconds) if (MINUTE..=HOUR).contains(&seconds) && HOUR.is_multiple_of(seconds) => {
                Ok(seconds)
            }
            Some(seconds) => Err(ChangeError::SliceSeconds(seconds)),
        };
        let slices = match method {
            Method::Occurrences if self.slice_seconds.is_some() || self.slice_target.is_some() => {
                return Err(ChangeError::NoSlices);
            }
            Method::Occurrences => None,
            Method::RatioTimeslices if self.slice_target.is_some() => return Err(ChangeError::NoSliceTarget),
            Method::RatioTimeslices => Some(SliceRule { seconds: seconds()?, target: None }),
            Method::Timeslices => {
                // Where none is declared a slice must be as good as the objective itself.
                let threshold = self.slice_target.or(declared.slices.and_then(|rule| rule.target));
                Some(SliceRule { seconds: seconds()?, target: Some(threshold.unwrap_or(target)) })
            }
        };
        let past_targets = if self.target.is_some() { Vec::new() } else { declared.past_targets.clone() };
        Ok(Objective { name: declared.name.clone(), target, slices, past_targets })
    }
}

fn check_window(window: &Window) -> Result<(), ChangeError> {
    match window {
        Window::Rolling { seconds } if *seconds == 0 || !seconds.is_multiple_of(MINUTE) => {
            return Err(ChangeError::WindowSeconds(*seconds));
        }
        Window::Rolling { seconds } if i64::from(*seconds) > MAX_WINDOW_DAYS * 86_400 => {
            return Err(ChangeError::WindowTooLong);
        }
        Window::Rolling { .. } => {}
        Window::Calendar(calendar) => {
            calendar::check_window(calendar)?;
            if i64::from(calendar.count).saturating_mul(longest_days(calendar.unit)) > MAX_WINDOW_DAYS {
                return Err(ChangeError::WindowTooLong);
            }
        }
    }
    Ok(())
}

/// The most days that a unit of the calendar can have.
const fn longest_days(unit: CalendarUnit) -> i64 {
    match unit {
        CalendarUnit::Day => 1,
        CalendarUnit::Week => 7,
        CalendarUnit::Month => 31,
        CalendarUnit::Quarter => 92,
        CalendarUnit::Year => 366,
    }
}
