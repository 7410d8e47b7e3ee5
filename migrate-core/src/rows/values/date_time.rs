use std::borrow::Cow;

/// A date, in the calendar that PostgreSQL uses for all times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// A time of day, with as many digits of the second as were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time {
    seconds: i64,
    /// The digits after the point, without trailing zeros.
    fraction: i64,
    digits: u32,
}

/// What is wrong with a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateTimeFault {
    /// Its form is wrong.
    Form,
    /// The day or time does not exist.
    Missing,
    /// It has more digits after the point than the column keeps.
    Digits,
}

const DAY: i64 = 24 * 60 * 60;

/// A number with exactly this many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

impl Date {
    /// `2021-03-28`
    pub(crate) fn parse(text: &str) -> Result<Date, DateTimeFault> {
        let mut parts = text.splitn(3, '-');
        let mut part = |digits| parts.next().and_then(|part| number(part, digits)).ok_or(DateTimeFault::Form);
        let date = Date { year: part(4)?, month: part(2)?, day: part(2)? };
        let is_there =
            date.year > 0 && (1..=12).contains(&date.month) && (1..=date.length()).contains(&date.day);
        if is_there { Ok(date) } else { Err(DateTimeFault::Missing) }
    }

    fn length(&self) -> i64 {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        match self.month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    fn plus(mut self, days: i64) -> Date {
        for _ in 0..days.abs() {
            self.day += days.signum();
            if self.day < 1 {
                self.month -= 1;
                self = if self.month < 1 { Date { year: self.year - 1, month: 12, ..self } } else { self };
                self.day = self.length();
            } else if self.day > self.length() {
                self = Date { month: self.month + 1, day: 1, ..self };
                self = if self.month > 12 { Date { year: self.year + 1, month: 1, ..self } } else { self };
            }
        }
        self
    }
}

/// The days from 2000-01-01 to a date, as the server counts them.
pub fn days(date: &str) -> Option<i32> {
    let Date { year, month, day } = Date::parse(date).ok()?;
    // In years that begin with March, the leap day is the last day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = year * 365 + year / 4 - year / 100 + year / 400;
    let days = before + (month * 153 + 2) / 5 + day - 1;
    i32::try_from(days - FIRST).ok()
}

/// This count for 2000-01-01.
const FIRST: i64 = 730_425;

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Time {
    /// `7:30`, `07:30:15`, `07:30:15.25`; `most` is how many digits the column keeps.
    pub(crate) fn parse(text: &str, most: u32) -> Result<Time, DateTimeFault> {
        let (clock, fraction) =
            text.split_once('.').map_or((text, None), |(clock, rest)| (clock, Some(rest)));
        let mut parts = clock.split(':');
        let hour = parts.next().ok_or(DateTimeFault::Form)?;
        let hour = number(hour, 2).or_else(|| number(hour, 1)).ok_or(DateTimeFault::Form)?;
        let minute = parts.next().and_then(|part| number(part, 2)).ok_or(DateTimeFault::Form)?;
        let given = parts.next();
        let second = given.map_or(Some(0), |part| number(part, 2)).ok_or(DateTimeFault::Form)?;
        if parts.next().is_some() || fraction.is_some_and(|_| given.is_none()) {
            return Err(DateTimeFault::Form);
        }
        if hour > 23 || minute > 59 || second > 59 {
            return Err(DateTimeFault::Missing);
        }
        let (fraction, digits) = counted(fraction, most)?;
        Ok(Time { seconds: hour * 3600 + minute * 60 + second, fraction, digits })
    }
}

/// The digits after a point, without trailing zeros, as a number, and how many they are.
fn counted(fraction: Option<&str>, most: u32) -> Result<(i64, u32), DateTimeFault> {
    let Some(fraction) = fraction else { return Ok((0, 0)) };
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DateTimeFault::Form);
    }
    let kept = fraction.trim_end_matches('0');
    let digits = u32::try_from(kept.len()).unwrap_or(u32::MAX);
    match digits {
        0 => Ok((0, 0)),
        digits if digits > most => Err(DateTimeFault::Digits),
        digits => Ok((kept.parse().map_err(|_| DateTimeFault::Digits)?, digits)),
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (hour, minute, second) = (self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60);
        write!(f, "{hour:02}:{minute:02}:{second:02}")?;
        match self.digits {
            0 => Ok(()),
            digits => write!(f, ".{:0width$}", self.fraction, width = digits as usize),
        }
    }
}

/// A date, perhaps a time, perhaps an offset from UTC: `2021-03-28`, `2021-03-28T07:30:15.25+02:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTime {
    date: Date,
    time: Option<Time>,
    /// In seconds.
    offset: Option<i64>,
}

impl DateTime {
    pub(crate) fn parse(text: &str, most: u32) -> Result<DateTime, DateTimeFault> {
        let date = Date::parse(text.get(..10).ok_or(DateTimeFault::Form)?)?;
        let Some(rest) = text.get(10..).filter(|rest| !rest.is_empty()) else {
            return Ok(DateTime { date, time: None, offset: None });
        };
        let rest = rest.strip_prefix(['T', 't', ' ']).ok_or(DateTimeFault::Form)?.trim_start_matches(' ');
        let zone = rest.find(['+', '-', 'Z', 'z', ' ']).unwrap_or(rest.len());
        let (clock, zone) = rest.split_at_checked(zone).ok_or(DateTimeFault::Form)?;
        let offset = match zone.trim() {
            "" => None,
            zone => Some(offset(zone).ok_or(DateTimeFault::Form)?),
        };
        Ok(DateTime { date, time: Some(Time::parse(clock, most)?), offset })
    }

    /// Whether it says its offset from UTC.
    pub(crate) fn has_offset(&self) -> bool {
        self.offset.is_some()
    }

    /// Whether it says a time.
    pub(crate) fn has_time(&self) -> bool {
        self.time.is_some()
    }

    /// Converted to UTC, if it has an offset: the same on every machine.
    pub(crate) fn at_utc(self) -> DateTime {
        let Some(offset) = self.offset else { return self };
        let time = self.time.unwrap_or(Time { seconds: 0, fraction: 0, digits: 0 });
        let seconds = time.seconds - offset;
        DateTime {
            date: self.date.plus(seconds.div_euclid(DAY)),
            time: Some(Time { seconds: seconds.rem_euclid(DAY), ..time }),
            offset: None,
        }
    }
}

impl std::fmt::Display for DateTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let midnight = Time { seconds: 0, fraction: 0, digits: 0 };
        write!(f, "{} {}", self.date, self.time.unwrap_or(midnight))
    }
}

/// `Z`, `+02`, `+0230`, `+02:30`, `-3`
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: Cow<'_, str> = zone.strip_prefix(['+', '-'])?.into();
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None => digits.split_at_checked(2).unwrap_or((&digits, "")),
    };
    let hours = number(hours, 2).or_else(|| number(hours, 1))?;
    let minutes = if minutes.is_empty() { 0 } else { number(minutes, 2)? };
    (hours <= 15 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> String {
        DateTime::parse(text, 6).unwrap().at_utc().to_string()
    }

    #[test]
    fn an_offset_is_exact_across_days_and_years() {
        assert_eq!(utc("2021-03-28T00:00:00-05:00"), "2021-03-28 05:00:00");
        assert_eq!(utc("2021-01-01 01:30:00.250+02"), "2020-12-31 23:30:00.25");
        assert_eq!(utc("2020-02-28T23:59:59-0001"), "2020-02-29 00:00:59");
        assert_eq!(utc("2021-12-31T20:00Z"), "2021-12-31 20:00:00");
        assert_eq!(utc("2021-12-31 20:00 -4"), "2022-01-01 00:00:00");
        assert_eq!(utc("2021-12-31"), "2021-12-31 00:00:00");
    }

    #[test]
    fn no_other_form_is_a_moment() {
        for text in [
            "",
            "2021",
            "2021-1-1",
            "21-01-01",
            "2021-01-01X",
            "2021-01-01T",
            "2021-01-01 7",
            "2021-01-01 07:30:15.",
            "infinity",
            "2021-01-01 07:30 CET",
            "2021-01-01ü",
        ] {
            assert_eq!(DateTime::parse(text, 6), Err(DateTimeFault::Form), "{text}");
        }
        for text in [
            "2021-02-29",
            "2021-13-01",
            "2021-00-01",
            "2021-04-31",
            "0000-01-01",
            "2021-01-01 24:00",
            "2021-01-01 00:60",
        ] {
            assert_eq!(DateTime::parse(text, 6), Err(DateTimeFault::Missing), "{text}");
        }
    }

    #[test]
    fn days_are_counted_as_the_server_counts_them() {
        assert_eq!(days("2000-01-01"), Some(0));
        assert_eq!(days("1999-12-31"), Some(-1));
        assert_eq!(days("2000-03-01"), Some(60));
        assert_eq!(days("2001-01-01"), Some(366));
        assert_eq!(days("1970-01-01"), Some(-10_957));
        assert_eq!(days("0001-01-01"), Some(-730_119));
        assert_eq!(days("9999-12-31"), Some(2_921_939));
        assert_eq!(days("2001-02-29"), None);
    }

    #[test]
    fn digits_that_the_column_would_drop_are_refused() {
        assert_eq!(Time::parse("07:30:15.1234567", 6), Err(DateTimeFault::Digits));
        assert_eq!(Time::parse("07:30:15.10", 1).unwrap().to_string(), "07:30:15.1");
        assert_eq!(Time::parse("07:30:15.01", 6).unwrap().to_string(), "07:30:15.01");
        assert_eq!(Time::parse("7:30", 0).unwrap().to_string(), "07:30:00");
    }
}
