//! `demeter create-admin`: the first person who can sign in.

use demeter_config::{Env, Reader};
use secrecy::ExposeSecret as _;

use crate::system::{DataFolder, Ports, Settings, random_password};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
    /// The administrator's e-mail address.
    #[arg(long)]
    email: String,
}

/// Creates an administrator; prints the password only when it was generated.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let settings = Settings::open(&args.folder.data, &Ports::standard())?;
    let env = Env::from_process();
    let reader = Reader::new(&env);
    let given = reader.secret("DEMETER_PASSWORD");
    let given = reader.finish(given)?;
    let generated = given.is_none();
    let password = given.unwrap_or_else(random_password);
    settings.migrate().await?;
    settings.create_admin(&args.email, &password).await?;
    terminal::print(&format!("created {}", args.email));
    if generated {
        terminal::print(&format!("password: {}", password.expose_secret()));
    }
    Ok(())
}
