use std::borrow::Cow;

use super::cell_value::{GivenValue, shown};
use super::date_time::{Date, DateTime, DateTimeFault, Time};
use super::json_check;
use super::number::{DecimalParts, plain};
use super::value_kind::ValueKind;
use crate::facts::Value;

/// Why a value doesn't fit its column, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// What the column takes instead.
    pub(crate) takes: String,
    /// More of what is wrong.
    pub(crate) note: Option<String>,
    pub(crate) help: Option<String>,
}

type Conversion<'a> = Result<Cow<'a, str>, Mismatch>;

/// The text that PostgreSQL reads as exactly this value; the value is neither absent nor null.
pub(crate) fn convert<'a>(kind: &ValueKind, given: GivenValue<'a>) -> Conversion<'a> {
    match kind {
        ValueKind::Boolean => boolean(given),
        ValueKind::Integer(bits) => integer(given, *bits),
        ValueKind::Decimal(size) => decimal(given, *size),
        ValueKind::Float { single } => float(given, *single),
        ValueKind::Text(limit) => text(given, *limit),
        ValueKind::Date => date(given),
        ValueKind::Time(digits) => time(given, *digits),
        ValueKind::Timestamp(digits) => timestamp(given, *digits),
        ValueKind::Timestamptz(digits) => timestamptz(given, *digits),
        ValueKind::Json => json(given),
        ValueKind::Enum(labels) => label(given, labels),
        ValueKind::Uuid => uuid(given),
        ValueKind::Array(element) => array(given, element),
        ValueKind::Other => other(given),
    }
}

fn misfit<'a>(takes: impl Into<String>) -> Conversion<'a> {
    Err(Mismatch { takes: takes.into(), note: None, help: None })
}

impl Mismatch {
    fn help<'a>(takes: impl Into<String>, help: impl Into<String>) -> Conversion<'a> {
        Err(Mismatch { takes: takes.into(), note: None, help: Some(help.into()) })
    }
}

/// PostgreSQL's text can't contain the NUL character.
fn whole(text: &str) -> Conversion<'_> {
    match text.bytes().any(|byte| byte == 0) {
        true => misfit("text without the character NUL, which PostgreSQL can't store"),
        false => Ok(Cow::Borrowed(text)),
    }
}

fn boolean(given: GivenValue<'_>) -> Conversion<'_> {
    match given {
        GivenValue::Bool(true) | GivenValue::Text("true") => Ok(Cow::Borrowed("true")),
        GivenValue::Bool(false) | GivenValue::Text("false") => Ok(Cow::Borrowed("false")),
        _ => misfit("`true` or `false`"),
    }
}

/// A number in plain digits.
fn number(given: GivenValue<'_>) -> Option<Cow<'_, str>> {
    match given {
        GivenValue::Number(text) | GivenValue::Text(text) => plain(text),
        _ => None,
    }
}

fn integer(given: GivenValue<'_>, bits: u32) -> Conversion<'_> {
    let most = if bits >= 64 { i64::MAX } else { (1 << (bits - 1)) - 1 };
    let takes = "an integer";
    let Some(text) = number(given) else { return misfit(takes) };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return match DecimalParts::of(&text) {
            Some(_) => {
                Mismatch::help(takes, "write it without a point or exponent, or make the column a `decimal`")
            }
            None => misfit(takes),
        };
    }
    match text.parse::<i64>() {
        Ok(number) if (-most - 1..=most).contains(&number) => {
            let is_plain = digits.len() == text.len() && !(digits.starts_with('0') && digits.len() > 1);
            Ok(if is_plain { text } else { Cow::Owned(number.to_string()) })
        }
        _ => misfit(format!("an integer from {} to {most}", -most - 1)),
    }
}

/// The limits of `numeric`: digits before and after the point.
const LARGEST: (i64, i64) = (131_072, 16_383);

fn decimal(given: GivenValue<'_>, size: Option<(i64, i64)>) -> Conversion<'_> {
    let Some(text) = number(given) else { return misfit("a decimal number") };
    let Some(parts) = DecimalParts::of(&text) else { return misfit("a decimal number") };
    // Most numbers are short: their digits need not be counted.
    if size.is_none() && parts.exponent == 0 && text.len() < 10_000 {
        return Ok(text);
    }
    let (before, after) = parts.digits();
    match size {
        Some((precision, scale)) if before > precision - scale || after > scale => Mismatch::help(
            format!("a number of at most {} digits before the point and {scale} after it", precision - scale),
            "PostgreSQL would round it: write the digits that the column stores",
        ),
        None if before > LARGEST.0 || after > LARGEST.1 => {
            misfit("a decimal number of a size that PostgreSQL can hold")
        }
        _ => Ok(text),
    }
}

fn float(given: GivenValue<'_>, single: bool) -> Conversion<'_> {
    let Some(text) = number(given) else { return misfit("a number, neither NaN nor infinite") };
    if DecimalParts::of(&text).is_none() {
        return misfit("a number, neither NaN nor infinite");
    }
    let finite = match single {
        true => text.parse::<f32>().is_ok_and(f32::is_finite),
        false => text.parse::<f64>().is_ok_and(f64::is_finite),
    };
    if finite { Ok(text) } else { misfit("a smaller number") }
}

fn text(given: GivenValue<'_>, limit: Option<usize>) -> Conversion<'_> {
    match given {
        GivenValue::Text(text)
            if limit.is_none_or(|limit| text.len() <= limit || text.chars().count() <= limit) =>
        {
            whole(text)
        }
        GivenValue::Text(_) => misfit(format!("text of at most {} characters", limit.unwrap_or_default())),
        GivenValue::Number(text) => Mismatch::help("text", format!("quote it: '{text}'")),
        GivenValue::Bool(bool) => Mismatch::help("text", format!("quote it: '{bool}'")),
        _ => misfit("text"),
    }
}

/// The error for a wrong date or time.
fn wrong<'a>(wrong: DateTimeFault, takes: &str, digits: u32) -> Conversion<'a> {
    match wrong {
        DateTimeFault::Form => misfit(takes),
        DateTimeFault::Missing => misfit(format!("{takes}; there is no such day or time")),
        DateTimeFault::Digits => Mismatch::help(
            format!("{takes}, with at most {digits} digits after the seconds"),
            "PostgreSQL would round it: write the digits that the column stores",
        ),
    }
}

const DATE: &str = "a date like `2021-03-28`";
const TIME: &str = "a time like `07:30:15`";
const DATETIME: &str = "a date and time like `2021-03-28 07:30:15`";
const ZONED: &str = "a date and time with its offset like `2021-03-28 07:30:15+02:00`";

fn date(given: GivenValue<'_>) -> Conversion<'_> {
    let GivenValue::Text(text) = given else { return misfit(DATE) };
    match Date::parse(text) {
        Ok(_) => Ok(Cow::Borrowed(text)),
        Err(why) => match DateTime::parse(text, 6) {
            Ok(moment) if moment.has_time() => Mismatch::help(
                format!("{DATE}, without a time"),
                "write the date only, or make the column a `datetime`",
            ),
            _ => wrong(why, DATE, 0),
        },
    }
}

fn time(given: GivenValue<'_>, digits: u32) -> Conversion<'_> {
    let GivenValue::Text(text) = given else { return misfit(TIME) };
    match Time::parse(text, digits) {
        Ok(time) => Ok(Cow::Owned(time.to_string())),
        Err(why) => wrong(why, TIME, digits),
    }
}

/// An offset is converted: the column holds the time in UTC, on every machine.
fn timestamp(given: GivenValue<'_>, digits: u32) -> Conversion<'_> {
    let GivenValue::Text(text) = given else { return misfit(DATETIME) };
    match DateTime::parse(text, digits) {
        Ok(moment) => Ok(Cow::Owned(moment.at_utc().to_string())),
        Err(why) => wrong(why, DATETIME, digits),
    }
}

fn timestamptz(given: GivenValue<'_>, digits: u32) -> Conversion<'_> {
    let GivenValue::Text(text) = given else { return misfit(ZONED) };
    match DateTime::parse(text, digits) {
        Ok(moment) if moment.has_offset() => Ok(Cow::Owned(format!("{}+00", moment.at_utc()))),
        Ok(_) => Mismatch::help(
            ZONED,
            "without an offset its meaning depends on the server's time zone: add `Z` for UTC, or an offset",
        ),
        Err(why) => wrong(why, ZONED, digits),
    }
}

fn json(given: GivenValue<'_>) -> Conversion<'_> {
    let value = match given {
        GivenValue::Text(text) => return json_text(text),
        GivenValue::Absent | GivenValue::Null => return misfit("JSON"),
        GivenValue::Bool(bool) => Value::Bool(bool),
        GivenValue::Number(text) => Value::Number(text.to_owned()),
        GivenValue::List(list) => Value::List(list.to_vec()),
        GivenValue::Map(map) => Value::Map(map.to_vec()),
    };
    if let Some(number) = json_check::unwritable(&value) {
        return misfit(format!("JSON, which has no number like {}", shown(number)));
    }
    // A text inside may contain a NUL.
    let json = value.json();
    json_text(&json).map(|text| Cow::Owned(text.into_owned()))
}

fn json_text(text: &str) -> Conversion<'_> {
    match json_check::check(text) {
        Ok(()) => Ok(Cow::Borrowed(text)),
        Err(wrong) => {
            let before = text.get(..text.floor_char_boundary(wrong.at)).unwrap_or(text);
            let note = Some(format!("at character {} of it: {}", before.chars().count() + 1, wrong.what));
            Err(Mismatch { takes: "JSON".to_owned(), note, help: None })
        }
    }
}

/// How many labels an error lists.
const LISTED: usize = 20;

fn label<'a>(given: GivenValue<'a>, labels: &[String]) -> Conversion<'a> {
    match given {
        GivenValue::Text(text) if labels.iter().any(|label| label == text) => Ok(Cow::Borrowed(text)),
        GivenValue::Number(text) if labels.iter().any(|label| label == text) => {
            Mismatch::help("text", format!("quote it: '{text}'"))
        }
        _ => {
            let listed: Vec<String> = labels.iter().take(LISTED).map(|label| shown(label)).collect();
            let rest = if labels.len() > LISTED { " …" } else { "" };
            misfit(format!("one of {}{rest}", listed.join(", ")))
        }
    }
}

fn uuid(given: GivenValue<'_>) -> Conversion<'_> {
    let takes = "a UUID like `f81d4fae-7dec-11d0-a765-00a0c91e6bf6`";
    let GivenValue::Text(text) = given else { return misfit(takes) };
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let digits: String = inner.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    let parts: Vec<&str> = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)]
        .into_iter()
        .filter_map(|(from, to)| digits.get(from..to))
        .collect();
    let is_one =
        digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && parts.len() == 5;
    if is_one { Ok(Cow::Owned(parts.join("-"))) } else { misfit(takes) }
}

fn array<'a>(given: GivenValue<'a>, element: &ValueKind) -> Conversion<'a> {
    match given {
        GivenValue::Text(text) => whole(text),
        GivenValue::List(list) => {
            let mut literal = String::new();
            elements(list, element, &mut literal)?;
            Ok(Cow::Owned(literal))
        }
        _ => misfit("a list"),
    }
}

fn elements(list: &[Value], element: &ValueKind, literal: &mut String) -> Result<(), Mismatch> {
    literal.push('{');
    for (index, value) in list.iter().enumerate() {
        if index > 0 {
            literal.push(',');
        }
        match value {
            Value::Null => literal.push_str("NULL"),
            Value::List(list) if *element != ValueKind::Json => elements(list, element, literal)?,
            value => {
                let text = convert(element, value.into()).map_err(|misfit| Mismatch {
                    takes: format!("a list, each of it {}", misfit.takes),
                    ..misfit
                })?;
                literal.push('"');
                literal.push_str(&text.replace('\\', "\\\\").replace('"', "\\\""));
                literal.push('"');
            }
        }
    }
    literal.push('}');
    Ok(())
}

fn other(given: GivenValue<'_>) -> Conversion<'_> {
    match given {
        GivenValue::Text(text) | GivenValue::Number(text) => whole(text),
        GivenValue::Bool(bool) => Ok(Cow::Borrowed(if bool { "true" } else { "false" })),
        _ => misfit("text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(kind: &ValueKind, text: &str) -> Result<String, String> {
        convert(kind, GivenValue::Text(text)).map(Cow::into_owned).map_err(|misfit| misfit.takes)
    }

    fn number(kind: &ValueKind, text: &str) -> Result<String, String> {
        convert(kind, GivenValue::Number(text)).map(Cow::into_owned).map_err(|misfit| misfit.takes)
    }

    #[test]
    fn integers_are_checked_against_the_column() {
        let small = ValueKind::Integer(16);
        assert_eq!(fit(&small, " 32767 "), Ok("32767".into()));
        assert_eq!(fit(&small, "-32768"), Ok("-32768".into()));
        assert_eq!(fit(&small, "+1_000"), Ok("1000".into()));
        assert_eq!(fit(&small, "007"), Ok("7".into()));
        assert_eq!(fit(&small, "32768"), Err("an integer from -32768 to 32767".into()));
        assert_eq!(fit(&ValueKind::Integer(64), "9223372036854775807"), Ok("9223372036854775807".into()));
        assert_eq!(fit(&ValueKind::Integer(64), "-9223372036854775808"), Ok("-9223372036854775808".into()));
        assert!(fit(&ValueKind::Integer(64), "9223372036854775808").is_err());
        for text in ["", "1.0", "one", "1e3", "٣"] {
            assert!(fit(&small, text).is_err(), "{text}");
        }
    }

    #[test]
    fn decimals_stay_as_written_or_are_refused() {
        assert_eq!(number(&ValueKind::Decimal(None), "1.10"), Ok("1.10".into()));
        assert_eq!(number(&ValueKind::Decimal(Some((12, 2))), "1.100"), Ok("1.100".into()));
        assert!(number(&ValueKind::Decimal(Some((12, 2))), "1.005").is_err());
        assert!(number(&ValueKind::Decimal(Some((3, 2))), "12.5").is_err());
        for text in [".inf", ".nan", "NaN", "inf", "1e400000"] {
            assert!(fit(&ValueKind::Decimal(None), text).is_err(), "{text}");
            assert!(fit(&ValueKind::Float { single: false }, text).is_err(), "{text}");
        }
        assert!(fit(&ValueKind::Float { single: true }, "1e39").is_err());
    }

    #[test]
    fn text_is_no_number_and_a_number_no_text() {
        let misfit = convert(&ValueKind::Text(None), GivenValue::Number("1000")).unwrap_err();
        assert_eq!(misfit.help.as_deref(), Some("quote it: '1000'"));
        assert!(fit(&ValueKind::Text(None), "a\0b").is_err());
        assert!(fit(&ValueKind::Text(Some(3)), "äöü").is_ok());
        assert!(fit(&ValueKind::Text(Some(3)), "abcd").is_err());
    }

    #[test]
    fn times_mean_the_same_on_every_machine() {
        assert_eq!(
            fit(&ValueKind::Timestamp(6), "2021-03-28T00:00:00-05:00"),
            Ok("2021-03-28 05:00:00".into())
        );
        assert_eq!(
            fit(&ValueKind::Timestamptz(6), "2021-03-28T00:00-05:00"),
            Ok("2021-03-28 05:00:00+00".into())
        );
        assert!(fit(&ValueKind::Timestamptz(6), "2021-03-28 00:00").is_err());
        assert!(fit(&ValueKind::Timestamp(0), "2021-03-28 00:00:00.5").is_err());
        assert!(fit(&ValueKind::Date, "2021-03-28 00:00").unwrap_err().ends_with("without a time"));
    }

    #[test]
    fn lists_become_arrays() {
        let list =
            [Value::Text("a\"\\,{}".into()), Value::Null, Value::List(vec![Value::Text("NULL".into())])];
        let literal =
            convert(&ValueKind::Array(Box::new(ValueKind::Text(None))), GivenValue::List(&list)).unwrap();
        assert_eq!(literal, r#"{"a\"\\,{}",NULL,{"NULL"}}"#);
        let number = [Value::Number("1".into())];
        assert!(
            convert(&ValueKind::Array(Box::new(ValueKind::Text(None))), GivenValue::List(&number)).is_err()
        );
    }

    #[test]
    fn uuids_have_one_form() {
        let uuid = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
        assert_eq!(fit(&ValueKind::Uuid, &uuid.to_uppercase()), Ok(uuid.into()));
        assert_eq!(fit(&ValueKind::Uuid, &format!("{{{}}}", uuid.replace('-', ""))), Ok(uuid.into()));
        assert!(fit(&ValueKind::Uuid, "f81d4fae").is_err());
    }
}
