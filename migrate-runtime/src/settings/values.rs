use std::collections::BTreeMap;

use embed_migrate_core::{Error, ErrorKind, Result};

use super::origin::ValueOrigin;
use super::pairs::Pair;
use super::parameter::{PARAMETERS, Parameter, ParameterUse};
use super::{pairs, parameter, service, url};

/// A parameter's value. It has no `Debug`: it may be the password.
pub(crate) struct ParameterValue {
    pub(crate) text: String,
    pub(crate) origin: ValueOrigin,
}

/// The values of the known parameters: the text's, if it is silent the service's, and then the variables'.
pub(crate) struct ParameterValues(BTreeMap<&'static str, ParameterValue>);

impl ParameterValues {
    /// Reads the text, then the section of the service that it or a variable names, then the variables.
    ///
    /// # Errors
    ///
    /// `Settings` for malformed text, an unknown parameter, or one that is not supported; or the service is not to be had.
    pub(crate) fn read(text: &str, variables: &dyn Fn(&str) -> Option<String>) -> Result<ParameterValues> {
        if text.contains('\0') {
            return Err(Error::new(ErrorKind::Settings, "the connection string contains a NUL character"));
        }
        let mut values = BTreeMap::new();
        let (origin, pairs) = match url::read(text.trim())? {
            Some(pairs) => (ValueOrigin::Url, pairs),
            None => (ValueOrigin::Pairs, pairs::read(text)?),
        };
        for pair in pairs {
            let known = parameter::find(&pair.key).ok_or_else(|| unknown(&pair, &origin))?;
            insert(&mut values, known, ParameterValue { text: pair.value, origin: origin.clone() })?;
        }
        read_service(&mut values, variables)?;
        for known in PARAMETERS.iter().filter(|known| !values.contains_key(known.name)).collect::<Vec<_>>() {
            if let Some(text) = Some(known.variable).filter(|name| !name.is_empty()).and_then(variables) {
                insert(
                    &mut values,
                    known,
                    ParameterValue { text, origin: ValueOrigin::Variable(known.variable) },
                )?;
            }
        }
        Ok(ParameterValues(values))
    }

    /// The value, unless there is none or it is empty: to libpq both ask for the default.
    pub(crate) fn get(&self, name: &str) -> Option<&ParameterValue> {
        self.0.get(name).filter(|value| !value.text.is_empty())
    }

    /// The value's text, under the same rule.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|value| value.text.as_str())
    }

    /// The value, understood by `parse`.
    ///
    /// # Errors
    ///
    /// `Settings`, naming the parameter, where it was given and what it must be, but not the value: in a
    /// malformed URL it may be a piece of the password.
    pub(crate) fn parse<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        self.get(name).map(|value| parse(&value.text).ok_or_else(|| invalid(name, &value.origin))).transpose()
    }
}

/// Adds what the service says, unless the text says it; within its section the first line counts.
fn read_service(
    values: &mut BTreeMap<&'static str, ParameterValue>,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<()> {
    let said = |name, variable| match values.get(name) {
        Some(value) => Some((value.text.clone(), value.origin.clone())),
        None => variables(variable).map(|text| (text, ValueOrigin::Variable(variable))),
    };
    let Some((name, origin)) = said("service", "PGSERVICE") else { return Ok(()) };
    let file = said("servicefile", "PGSERVICEFILE").map(|(file, _)| file);
    for service::ServiceLine { key, value, origin } in
        service::read(&name, &origin, file.as_deref(), variables)?
    {
        let pair = Pair { key, value, shy: false };
        let known = parameter::find(&pair.key).ok_or_else(|| unknown(&pair, &origin))?;
        if !values.contains_key(known.name) {
            insert(values, known, ParameterValue { text: pair.value, origin })?;
        }
    }
    Ok(())
}

fn insert(
    values: &mut BTreeMap<&'static str, ParameterValue>,
    known: &'static Parameter,
    value: ParameterValue,
) -> Result<()> {
    match known.role {
        ParameterUse::Client(_) | ParameterUse::Own => {
            values.insert(known.name, value);
            Ok(())
        }
        ParameterUse::Refused(harmless)
            if value.text.is_empty() || harmless.contains(&value.text.as_str()) =>
        {
            Ok(())
        }
        ParameterUse::Refused(_) => Err(unsupported(known, &value.origin)),
    }
}

pub(crate) fn invalid(name: &str, origin: &ValueOrigin) -> Error {
    let form = parameter::find(name).map_or("text", |known| known.form);
    Error::new(ErrorKind::Settings, format!("the value of `{name}` in {origin} is not {form}"))
}

fn unsupported(known: &Parameter, origin: &ValueOrigin) -> Error {
    let error = Error::new(
        ErrorKind::Settings,
        format!("the parameter `{}` in {origin} is not supported", known.name),
    );
    match known.form {
        "" => error.help("leave it out"),
        form => error.help(format!("leave it out, or set it to {form}")),
    }
}

fn unknown(pair: &Pair, origin: &ValueOrigin) -> Error {
    if pair.shy {
        return Error::new(ErrorKind::Settings, format!("{origin} has an unknown parameter")).help(
            "its name is not shown, since it may be a piece of the password: percent-encode the password \
             in a URL, and put it in single quotes in a `key=value` string",
        );
    }
    let names = match parameter::nearest(&pair.key) {
        near if near.is_empty() => format!("known are {}", list(parameter::supported())),
        near => format!("did you mean {}?", list(near.into_iter())),
    };
    Error::new(ErrorKind::Settings, format!("unknown parameter `{}` in {origin}", pair.key)).help(names)
}

fn list(names: impl Iterator<Item = &'static str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
