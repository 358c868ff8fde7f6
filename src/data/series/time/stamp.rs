//! The text of a cell → a time, in one of the ways that times are written.

use jiff::civil::Date;
use jiff::fmt::strtime::BrokenDownTime;

use super::clock::{Clock, HOUR, MINUTE};
use super::{SECOND, civil_of};

/// A time as a cell says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// What a clock on the wall shows, in microseconds since 1970.
    Civil(i64),
    /// An instant in microseconds since 1970 in UTC, and by how many seconds the clock that told it is ahead.
    Instant(i64, i32),
}

impl Stamp {
    /// Its count, whatever it counts.
    pub fn count(self) -> i64 {
        match self {
            Self::Civil(at) | Self::Instant(at, _) => at,
        }
    }
}

/// A way to write times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Three numbers for the date, with a mark between them.
    Ordered(Order, u8),
    /// The name of a month in it, as a pattern of the date.
    Named(&'static str),
    /// Digits alone: year, month and day, perhaps with hour, minute and second.
    Compact,
    /// Year and month, with a mark between them.
    YearMonth(u8),
    /// The time since 1970 in UTC, in units of so many microseconds.
    Since1970(i64),
    /// `time_format` as a pattern.
    Pattern(String),
}

/// The order of the numbers of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `2020-01-31`
    YearMonthDay,
    /// `31.01.2020`
    DayMonthYear,
    /// `01/31/2020`
    MonthDayYear,
}

/// Dates with the name of a month.
const NAMED: [&str; 8] = [
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%B %d %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%a, %d %b %Y",
];

impl Shape {
    /// `2020-01-31` with what may follow it.
    pub fn iso() -> Self {
        Self::Ordered(Order::YearMonthDay, b'-')
    }

    /// Every way in which that text can be read. Of numbers since 1970 such of our time are known by their length alone.
    pub fn all_of(text: &[u8]) -> Vec<Self> {
        use Order::{DayMonthYear, MonthDayYear, YearMonthDay};
        let mut shapes = Vec::new();
        let mark = text.iter().position(|byte| !byte.is_ascii_digit());
        match mark.map(|place| text[place]) {
            Some(mark @ (b'-' | b'/' | b'.')) => {
                shapes.extend([YearMonthDay, DayMonthYear, MonthDayYear].map(|order| Self::Ordered(order, mark)));
                // `2016.07` may be a part of a year.
                shapes.extend((mark != b'.').then_some(Self::YearMonth(mark)));
            }
            None => {
                let since = match text.len() {
                    10 => Some(SECOND),
                    13 => Some(1000),
                    16 => Some(1),
                    _ => None,
                };
                shapes.extend(since.map(Self::Since1970));
            }
            Some(_) => {}
        }
        shapes.push(Self::Compact);
        if text.iter().any(u8::is_ascii_alphabetic) {
            shapes.extend(NAMED.map(Self::Named));
        }
        shapes.retain(|shape| shape.parse(text).is_some());
        // In May the long name is the short one.
        let mut seen = Vec::new();
        shapes.retain(|shape| match shape {
            Self::Named(pattern) => {
                let alike = pattern.replace("%B", "%b");
                let is_new = !seen.contains(&alike);
                seen.push(alike);
                is_new
            }
            _ => true,
        });
        shapes
    }

    /// The time that a text says in this way.
    pub fn parse(&self, text: &[u8]) -> Option<Stamp> {
        match self {
            Self::Ordered(order, mark) => {
                let (numbers, rest) = three_numbers(text, *mark)?;
                behind(date(*order, numbers)?, rest)
            }
            Self::YearMonth(mark) => {
                let (year, rest) = number(text, 4)?;
                let (month, rest) = number(rest.strip_prefix(&[*mark])?, 2)?;
                (rest.is_empty() && text.len() > 5).then_some(())?;
                Some(Stamp::Civil(civil_of(valid(year, month, 1)?)))
            }
            Self::Named(pattern) => named(pattern, std::str::from_utf8(text).ok()?),
            Self::Compact => compact(text),
            Self::Since1970(unit) => since_1970(text, *unit),
            Self::Pattern(pattern) => by_pattern(pattern, text),
        }
    }

    /// What `time_format` says it, where a text can be read in two ways.
    pub fn as_setting(&self) -> Option<&'static str> {
        Some(match self {
            Self::Ordered(Order::DayMonthYear, _) => "day_first",
            Self::Ordered(Order::MonthDayYear, _) => "month_first",
            Self::Compact => "%Y%m%d%H",
            Self::Since1970(_) => "unix",
            _ => return None,
        })
    }

    /// How the 31st of January 2020 is written so, for messages.
    pub fn example(&self) -> String {
        let [year, month, day] = ["2020", "01", "31"];
        let ordered = |parts: [&str; 3], mark: u8| parts.join(char::from(mark).encode_utf8(&mut [0; 4]));
        match self {
            Self::Ordered(Order::YearMonthDay, mark) => ordered([year, month, day], *mark),
            Self::Ordered(Order::DayMonthYear, mark) => ordered([day, month, year], *mark),
            Self::Ordered(Order::MonthDayYear, mark) => ordered([month, day, year], *mark),
            Self::YearMonth(mark) => format!("{year}{}{month}", char::from(*mark)),
            Self::Named(pattern) => jiff::civil::date(2020, 1, 31).strftime(pattern).to_string(),
            Self::Compact => format!("{year}{month}{day}"),
            Self::Since1970(unit) => (1_580_428_800 * (SECOND / unit)).to_string(),
            Self::Pattern(pattern) => {
                let time = jiff::civil::date(2020, 1, 31).at(10, 30, 0, 0);
                let zoned = time.to_zoned(jiff::tz::TimeZone::UTC);
                zoned.map_or_else(|_| pattern.clone(), |zoned| zoned.strftime(pattern).to_string())
            }
        }
    }
}

/// Up to `most` digits at the begin, and what follows them.
fn number(text: &[u8], most: usize) -> Option<(i64, &[u8])> {
    let end = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    if end == 0 {
        return None;
    }
    let value = text[..end]
        .iter()
        .fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some((value, &text[end..]))
}

/// The numbers of a date, each with how many digits it has.
type Numbers = [(i64, usize); 3];

/// Three numbers with a mark between them, each with how many digits it has, and what follows them.
fn three_numbers(text: &[u8], mark: u8) -> Option<(Numbers, &[u8])> {
    let mut numbers = [(0, 0); 3];
    let mut rest = text;
    for (place, found) in numbers.iter_mut().enumerate() {
        if place > 0 {
            rest = rest.strip_prefix(&[mark])?;
        }
        let (value, behind) = number(rest, 4)?;
        *found = (value, rest.len() - behind.len());
        rest = behind;
    }
    Some((numbers, rest))
}

/// The day that three numbers are; the year has four digits, the others one or two.
fn date(order: Order, [first, second, third]: Numbers) -> Option<Date> {
    let (year, month, day) = match order {
        Order::YearMonthDay => (first, second, third),
        Order::DayMonthYear => (third, second, first),
        Order::MonthDayYear => (third, first, second),
    };
    if year.1 != 4 || month.1 > 2 || day.1 > 2 {
        return None;
    }
    valid(year.0, month.0, day.0)
}

fn valid(year: i64, month: i64, day: i64) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|year| *year >= 1000)?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A day and the text behind it: nothing, or a time of the day, perhaps with an offset.
fn behind(day: Date, rest: &[u8]) -> Option<Stamp> {
    let midnight = civil_of(day);
    if rest.is_empty() {
        return Some(Stamp::Civil(midnight));
    }
    let rest = match rest {
        [b'T' | b't', rest @ ..] => rest,
        [b',', b' ', rest @ ..] | [b' ', rest @ ..] => rest.trim_ascii_start(),
        _ => return None,
    };
    let (time, rest) = time_of_day(rest)?;
    offset_behind(midnight + time, rest)
}

/// `10:30`, `10:30:05`, `10:30:05.25`, `1:30 PM` at the begin, in microseconds, and what follows it.
fn time_of_day(text: &[u8]) -> Option<(i64, &[u8])> {
    let (mut hour, rest) = number(text, 2)?;
    let (minute, mut rest) = two_digits(rest.strip_prefix(b":")?)?;
    let mut second = 0;
    let mut fraction = 0;
    if let Some(behind) = rest.strip_prefix(b":") {
        (second, rest) = two_digits(behind)?;
        if let [b'.' | b',', behind @ ..] = rest {
            let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
            // What is finer than a microsecond must be nothing.
            if digits == 0 || behind[..digits].iter().skip(6).any(|digit| *digit != b'0') {
                return None;
            }
            for place in 0..6 {
                fraction = fraction * 10 + i64::from(behind[..digits].get(place).map_or(0, |digit| digit - b'0'));
            }
            rest = &behind[digits..];
        }
    }
    let half = rest.trim_ascii_start();
    if let [half_day @ (b'A' | b'a' | b'P' | b'p'), b'M' | b'm', behind @ ..] = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if half_day.eq_ignore_ascii_case(&b'p') { 12 } else { 0 };
        rest = behind;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((hour * HOUR + minute * MINUTE + second * SECOND + fraction, rest))
}

fn two_digits(text: &[u8]) -> Option<(i64, &[u8])> {
    let (value, rest) = number(text, 2)?;
    (text.len() - rest.len() == 2).then_some((value, rest))
}

/// A civil time, or with an offset behind it, as `Z`, `+02:00`, `+0200` or `+02`, an instant.
fn offset_behind(civil: i64, rest: &[u8]) -> Option<Stamp> {
    if rest.is_empty() {
        return Some(Stamp::Civil(civil));
    }
    let seconds = match rest.trim_ascii_start() {
        b"Z" | b"z" | b"UTC" | b"GMT" => 0,
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let (hours, rest) = two_digits(rest)?;
            let minutes = match rest {
                [] => 0,
                [b':', rest @ ..] | rest => {
                    let (minutes, rest) = two_digits(rest)?;
                    rest.is_empty().then_some(minutes)?
                }
            };
            if hours > 18 || minutes > 59 {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let at = civil - seconds * SECOND;
    jiff::Timestamp::from_microsecond(at).ok()?;
    Some(Stamp::Instant(at, seconds as i32))
}

/// `20200131`, `2020013110`, `202001311030`, `20200131103005`, with `T` or a blank behind the day or without.
fn compact(text: &[u8]) -> Option<Stamp> {
    let mut digits = text.to_vec();
    if let Some(b'T' | b' ') = text.get(8) {
        digits.remove(8);
    }
    if !matches!(digits.len(), 8 | 10 | 12 | 14) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let part = |from: usize, to: usize| number(digits.get(from..to).unwrap_or(b"0"), 4).map(|(value, _)| value);
    let day = valid(part(0, 4)?, part(4, 6)?, part(6, 8)?)?;
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let is_time = hour < 24 && minute < 60 && second < 60;
    is_time.then(|| Stamp::Civil(civil_of(day) + hour * HOUR + minute * MINUTE + second * SECOND))
}

/// A whole number of units since 1970; of seconds with a fraction, too.
fn since_1970(text: &[u8], unit: i64) -> Option<Stamp> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole.strip_prefix('-').unwrap_or(whole)) || !digits(fraction) {
        return None;
    }
    let decimals = unit.ilog10() as usize;
    let fraction = format!("{fraction:0<decimals$}");
    let (told, finer) = fraction.split_at(decimals);
    if finer.bytes().any(|digit| digit != b'0') {
        return None;
    }
    let part: i64 = if told.is_empty() { 0 } else { told.parse().ok()? };
    let count = whole.parse::<i64>().ok()?.checked_mul(unit)?;
    let at = if whole.starts_with('-') {
        count.checked_sub(part)?
    } else {
        count.checked_add(part)?
    };
    jiff::Timestamp::from_microsecond(at).ok()?;
    Some(Stamp::Instant(at, 0))
}

/// A date with the name of a month, and what may follow a day.
fn named(pattern: &str, text: &str) -> Option<Stamp> {
    let (found, end) = BrokenDownTime::parse_prefix(pattern, text).ok()?;
    let day = found.to_date().ok().filter(|day| day.year() >= 1000)?;
    behind(day, text.as_bytes().get(end..)?)
}

/// By a pattern of `strftime`. Where it names no month or no day, the first is meant.
fn by_pattern(pattern: &str, text: &[u8]) -> Option<Stamp> {
    let mut found = BrokenDownTime::parse(pattern, std::str::from_utf8(text).ok()?).ok()?;
    if found.timestamp().is_some() || found.offset().is_some() {
        let seconds = found.offset().map_or(0, |offset| offset.seconds());
        return Some(Stamp::Instant(found.to_timestamp().ok()?.as_microsecond(), seconds));
    }
    if found.day().is_none() && found.day_of_year().is_none() && found.iso_week().is_none() {
        if found.month().is_none() {
            found.set_month(Some(1)).ok()?;
        }
        found.set_day(Some(1)).ok()?;
    }
    let time = found.to_datetime().ok()?;
    Clock::new(None).count(time).map(Stamp::Civil)
}
