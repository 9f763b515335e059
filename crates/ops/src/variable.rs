//! Environment variables of applications, as people see and edit them.

use crate::{Error, Ops, error::Faults, permit};
use model::{
    ApplicationId, EnvName, Invalid, Record, Secret, Variable, VariableId,
    variable::{VALUE_LENGTH_BYTES, parse_dotenv, write_dotenv},
};
use store::Scope;

/// Most variables of one application.
pub const VARIABLES_COUNT: usize = 1000;

/// A variable as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableView {
    /// Its id; none for one that Wharf gives.
    pub id: Option<VariableId>,
    /// Its name.
    pub name: EnvName,
    /// Its value; none where it is hidden or the caller may not see secrets.
    pub value: Option<Secret>,
    /// Given to the build.
    pub build_time: bool,
    /// Given to the container.
    pub run_time: bool,
    /// Taken as it is.
    pub literal: bool,
    /// May have several lines.
    pub multiline: bool,
    /// Never shown again.
    pub hidden: bool,
    /// What it is for.
    pub comment: String,
    /// Its number and times; none for one that Wharf gives.
    pub record: Option<Record>,
}

/// A variable to be, as typed. Flags that are absent stay as they are, or take their defaults.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct VariableForm {
    /// Its name.
    pub name: String,
    /// Its value; absent keeps the one that is there.
    pub value: Option<Secret>,
    /// Given to the build; no by default.
    pub build_time: Option<bool>,
    /// Given to the container; yes by default.
    pub run_time: Option<bool>,
    /// Taken as it is; no by default.
    pub literal: Option<bool>,
    /// May have several lines; told by the value when absent.
    pub multiline: Option<bool>,
    /// Never shown again; no by default. What is hidden stays hidden.
    pub hidden: Option<bool>,
    /// What it is for.
    pub comment: Option<String>,
}

/// What replacing all variables by a `.env` text would do, by names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DotenvDiff {
    /// New ones.
    pub added: Vec<EnvName>,
    /// Those with another value.
    pub changed: Vec<EnvName>,
    /// Those that go.
    pub removed: Vec<EnvName>,
}

impl DotenvDiff {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

fn view(scope: &Scope, (variable, record): (Variable, Record)) -> VariableView {
    let Variable { id, name, value, build_time, run_time, literal, multiline, hidden, comment } = variable;
    let value = (!hidden && permit::sees_secrets(scope)).then_some(value);
    VariableView { id: Some(id), name, value, build_time, run_time, literal, multiline, hidden, comment, record: Some(record) }
}

pub(crate) fn value_fault(value: &str) -> Option<&'static str> {
    if value.len() > VALUE_LENGTH_BYTES {
        Some("a value has at most 64 KiB")
    } else if value.contains('\0') {
        Some("a value has no NUL character: no program could read it")
    } else {
        None
    }
}

impl Ops {
    /// An application's variables; values only where the caller may see them, hidden ones never.
    pub async fn variable_list(&self, scope: &Scope, application: ApplicationId) -> Result<Vec<VariableView>, Error> {
        permit::read(scope)?;
        self.store.application_fetch(scope, application.clone()).await?;
        Ok(self.store.variable_list_recorded(scope, application).await?.into_iter().map(|variable| view(scope, variable)).collect())
    }

    /// Adds variables or replaces those of the same name; all or none.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault, at `name` and `value` for one, at `variables.<place>.name` and so on for several.
    pub async fn variable_put(&self, scope: &Scope, application: ApplicationId, forms: Vec<VariableForm>) -> Result<Vec<VariableView>, Error> {
        permit::write(scope)?;
        let known = self.variables_known(scope, &application).await?;
        let mut faults = Faults::default();
        let single = forms.len() == 1;
        let mut variables: Vec<Variable> = Vec::new();
        for (place, form) in forms.into_iter().enumerate() {
            let field = |name: &str| if single { name.to_owned() } else { format!("variables.{place}.{name}") };
            let Some(name) = faults.parse::<EnvName>(field("name"), &form.name) else { continue };
            if let Some(why) = form.value.as_ref().and_then(|value| value_fault(value.expose())) {
                faults.add(field("value"), why);
            }
            let old = known.iter().find(|variable| variable.name == name);
            variables.retain(|variable| variable.name != name);
            variables.push(self.variable_merged(old, name, form));
        }
        let fresh = variables.iter().filter(|variable| !known.iter().any(|old| old.name == variable.name)).count();
        if known.len() + fresh > VARIABLES_COUNT {
            return Err(Error::Limit { why: format!("an application has at most {VARIABLES_COUNT} variables") });
        }
        faults.done()?;
        let names: Vec<EnvName> = variables.iter().map(|variable| variable.name.clone()).collect();
        self.store.variable_put(scope, application.clone(), variables, self.now()).await?;
        let now = self.store.variable_list_recorded(scope, application).await?;
        Ok(now.into_iter().filter(|(variable, _)| names.contains(&variable.name)).map(|variable| view(scope, variable)).collect())
    }

    /// Removes a variable.
    pub async fn variable_delete(&self, scope: &Scope, application: ApplicationId, id: VariableId) -> Result<(), Error> {
        permit::write(scope)?;
        Ok(self.store.variable_delete(scope, application, id, self.now()).await?)
    }

    /// An application's variables as a `.env` text; hidden ones are left out.
    pub async fn dotenv_show(&self, scope: &Scope, application: ApplicationId) -> Result<Secret, Error> {
        permit::secrets(scope)?;
        let known = self.variables_known(scope, &application).await?;
        Ok(Secret::new(write_dotenv(known.iter().filter(|variable| !variable.hidden).map(|variable| (&variable.name, variable.value.expose())))))
    }

    /// What replacing the variables by this `.env` text would do. Hidden ones stay unless the text names them.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `text`, naming the line.
    pub async fn dotenv_diff(&self, scope: &Scope, application: ApplicationId, text: &Secret) -> Result<DotenvDiff, Error> {
        permit::write(scope)?;
        let known = self.variables_known(scope, &application).await?;
        Ok(diff(&known, &self.dotenv_read(&known, text)?))
    }

    /// Replaces the variables by this `.env` text. Hidden ones stay unless the text names them; flags of those that stay are kept.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `text`, naming the line.
    pub async fn dotenv_replace(&self, scope: &Scope, application: ApplicationId, text: &Secret) -> Result<DotenvDiff, Error> {
        permit::write(scope)?;
        let known = self.variables_known(scope, &application).await?;
        let wanted = self.dotenv_read(&known, text)?;
        let diff = diff(&known, &wanted);
        if !diff.is_empty() {
            self.store.variable_replace_all(scope, application, wanted, self.now()).await?;
        }
        Ok(diff)
    }

    async fn variables_known(&self, scope: &Scope, application: &ApplicationId) -> Result<Vec<Variable>, Error> {
        self.store.application_fetch(scope, application.clone()).await?;
        Ok(self.store.variable_list(scope, application.clone()).await?)
    }

    fn variable_merged(&self, old: Option<&Variable>, name: EnvName, form: VariableForm) -> Variable {
        let value = form.value.or_else(|| old.map(|old| old.value.clone())).unwrap_or_default();
        Variable {
            id: self.id(VariableId::from_chance),
            name,
            multiline: form.multiline.or(old.map(|old| old.multiline)).unwrap_or(false) || value.expose().contains('\n'),
            value,
            build_time: form.build_time.or(old.map(|old| old.build_time)).unwrap_or(false),
            run_time: form.run_time.or(old.map(|old| old.run_time)).unwrap_or(true),
            literal: form.literal.or(old.map(|old| old.literal)).unwrap_or(false),
            hidden: form.hidden.unwrap_or(false) || old.is_some_and(|old| old.hidden),
            comment: form.comment.or_else(|| old.map(|old| old.comment.clone())).unwrap_or_default(),
        }
    }

    /// The variables a `.env` text asks for, in its order, hidden ones that it does not name last.
    fn dotenv_read(&self, known: &[Variable], text: &Secret) -> Result<Vec<Variable>, Error> {
        let at_text = |why: Invalid| Error::invalid("text", why.0);
        let mut wanted: Vec<Variable> = Vec::new();
        for line in parse_dotenv(text.expose()).map_err(at_text)? {
            if let Some(why) = value_fault(line.value.expose()) {
                return Err(Error::invalid("text", format!("line {}: {why}", line.line)));
            }
            let old = known.iter().find(|variable| variable.name == line.name);
            wanted.retain(|variable| variable.name != line.name);
            wanted.push(self.variable_merged(old, line.name, VariableForm { value: Some(line.value), ..VariableForm::default() }));
        }
        let unnamed = known.iter().filter(|old| old.hidden && !wanted.iter().any(|variable| variable.name == old.name));
        let unnamed: Vec<Variable> = unnamed.cloned().collect();
        wanted.extend(unnamed);
        if wanted.len() > VARIABLES_COUNT {
            return Err(Error::Limit { why: format!("an application has at most {VARIABLES_COUNT} variables") });
        }
        Ok(wanted)
    }
}

fn diff(known: &[Variable], wanted: &[Variable]) -> DotenvDiff {
    let of = |list: &[Variable], name: &EnvName| list.iter().find(|variable| variable.name == *name).map(|variable| variable.value.clone());
    let mut diff = DotenvDiff::default();
    for variable in wanted {
        match of(known, &variable.name) {
            None => diff.added.push(variable.name.clone()),
            Some(value) if value != variable.value => diff.changed.push(variable.name.clone()),
            Some(_) => {}
        }
    }
    diff.removed = known.iter().filter(|old| of(wanted, &old.name).is_none()).map(|old| old.name.clone()).collect();
    diff
}
