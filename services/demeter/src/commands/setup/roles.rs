//! `demeter create-roles`: a database role for each service.

use demeter_config::{Env, Reader};

use crate::terminal;

/// The services that have tables; each works in the schema of its name.
const SERVICES: [&str; 3] = ["auth", "stock", "photo"];

/// Makes the roles that the services' URLs name, with their schemas.
pub(crate) async fn run() -> anyhow::Result<()> {
    let env = Env::from_process();
    let reader = Reader::new(&env);
    let databases = SERVICES.map(|name| demeter_service::database(&reader, name));
    let administrator = reader.required_secret("DATABASE_ADMIN_URL");
    let administrator = reader.finish(administrator)?;
    let services: Vec<_> = SERVICES.into_iter().zip(&databases).collect();
    demeter_db::create_roles(&administrator, &services).await?;
    terminal::print("auth, stock and photo each have a role, which owns the schema of that name");
    Ok(())
}
