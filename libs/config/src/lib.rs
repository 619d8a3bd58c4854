//! Reads typed settings and secrets from the environment and reports every
//! fault at once, so that an operator mends a deployment in one go.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::fs;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::PoisonError;

use secrecy::SecretString;

/// The variables to read from: the process's, or a test's own.
#[derive(Clone, Default)]
pub struct Env(HashMap<String, String>);

/// Reads variables and collects what is wrong with them.
pub struct Reader<'a> {
    env: &'a Env,
    faults: Mutex<Vec<Fault>>,
}

/// One variable that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its name.
    pub variable: String,
    /// What is wrong and what to do. Never the value of a secret.
    pub problem: String,
}

/// Every variable that is wrong; `Display` lists one per line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not usable:")?;
        for Fault { variable, problem } in &self.0 {
            write!(f, "\n  {variable}: {problem}")?;
        }
        Ok(())
    }
}

// Values may be secrets, so only the names are shown.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.0.keys().collect();
        names.sort();
        f.debug_tuple("Env").field(&names).finish()
    }
}

// === impl Env ===

impl Env {
    /// The variables of this process. Those that are not UTF-8 are left out.
    pub fn from_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
        )
    }

    /// Exactly these variables.
    pub fn from_pairs<K: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// The same variables with one more, or another value for one.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The same, unless the variable is set already.
    #[must_use]
    pub fn with_default(self, name: &str, value: impl Into<String>) -> Self {
        if self.lookup(name).is_some() {
            self
        } else {
            self.with(name, value)
        }
    }

    /// A variable's value; an empty one counts as not set.
    pub fn lookup(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }
}

// === impl Reader ===

impl<'a> Reader<'a> {
    /// Starts reading.
    pub fn new(env: &'a Env) -> Self {
        Self {
            env,
            faults: Mutex::new(Vec::new()),
        }
    }

    /// A text, or `default` when it is not set.
    pub fn string(&self, name: &str, default: &str) -> String {
        self.optional(name).unwrap_or_else(|| default.to_owned())
    }

    /// A text, when it is set.
    pub fn optional(&self, name: &str) -> Option<String> {
        self.env.lookup(name).map(str::to_owned)
    }

    /// A text that must be set.
    pub fn required(&self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.fault(name, "is not set; it has no default");
            String::new()
        })
    }

    /// A number, an address, a bool: anything that parses, or `default` when it
    /// is not set.
    pub fn parse<T: FromStr>(&self, name: &str, default: T) -> T
    where
        T::Err: Display,
    {
        let Some(text) = self.env.lookup(name) else {
            return default;
        };
        match text.parse() {
            Ok(value) => value,
            Err(error) => {
                self.fault(name, format!("{text:?} is not usable: {error}"));
                default
            }
        }
    }

    /// A secret from `NAME`, or from the file that `NAME_FILE` names, when one of
    /// them is set.
    pub fn secret(&self, name: &str) -> Option<SecretString> {
        if let Some(value) = self.env.lookup(name) {
            return Some(SecretString::from(value));
        }
        let file_variable = format!("{name}_FILE");
        let path = self.env.lookup(&file_variable)?;
        match fs::read_to_string(path) {
            Ok(content) => Some(SecretString::from(content.trim())),
            Err(error) => {
                self.fault(&file_variable, format!("cannot read {path:?}: {error}"));
                None
            }
        }
    }

    /// A secret that must be set.
    pub fn required_secret(&self, name: &str) -> SecretString {
        self.secret(name).unwrap_or_else(|| {
            self.fault(
                name,
                format!("is not set; set it, or {name}_FILE to the path of a file that holds it"),
            );
            SecretString::default()
        })
    }

    /// Records that a variable is wrong, for checks that only the caller can make.
    pub fn fault(&self, name: &str, problem: impl Into<String>) {
        self.faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Fault {
                variable: name.to_owned(),
                problem: problem.into(),
            });
    }

    /// `value`, unless something was wrong: then all of it.
    pub fn finish<T>(self, value: T) -> Result<T, Faults> {
        let faults = self
            .faults
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if faults.is_empty() {
            Ok(value)
        } else {
            Err(Faults(faults))
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn every_fault_is_reported_at_once() {
        let env = Env::from_pairs([("PORT", "many")]);
        let reader = Reader::new(&env);

        let port: u16 = reader.parse("PORT", 1);
        let url = reader.required("DATABASE_URL");
        let key = reader.required_secret("KEY");
        let faults = reader.finish((port, url, key)).map(|_| ()).unwrap_err();

        let names: Vec<_> = faults
            .0
            .iter()
            .map(|fault| fault.variable.as_str())
            .collect();
        assert_eq!(names, ["PORT", "DATABASE_URL", "KEY"]);
    }

    #[test]
    fn a_secret_may_come_from_a_file_and_is_never_shown() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "hunter2").unwrap();
        let env = Env::from_pairs([
            ("KEY_FILE", file.path().to_str().unwrap()),
            ("TOKEN", "hunter3"),
        ]);
        let reader = Reader::new(&env);

        let key = reader.secret("KEY").unwrap();

        assert_eq!(key.expose_secret(), "hunter2");
        assert!(!format!("{env:?} {key:?}").contains("hunter"));
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let env = Env::from_pairs([("LEVEL", " ")]);

        assert_eq!(Reader::new(&env).string("LEVEL", "info"), "info");
    }
}
