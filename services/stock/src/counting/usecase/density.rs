//! States how densely plants stand.

use demeter_db::write;

use super::Counting;
use crate::catalog::store::{packagings, products};
use crate::counting::domain::density::{Density, Measures, Stand};
use crate::counting::store::densities;
use crate::database::Tx;
use crate::error::{Changed, Error};
use crate::ids::DensityId;

/// How densely plants stand that nothing is known of yet.
#[derive(Clone, Debug)]
pub struct StateNewDensity {
    /// Which plants.
    pub of: Stand,
    /// How large they are.
    pub measures: Measures,
}

/// How densely plants stand, stated anew.
#[derive(Clone, Debug)]
pub struct StateDensity {
    /// Which.
    pub id: DensityId,
    /// The etag that it was read with.
    pub etag: String,
    /// How large the plants are.
    pub measures: Measures,
}

// === impl Counting ===

impl Counting {
    /// Adds a density.
    pub async fn state_new_density(&self, command: &StateNewDensity) -> Result<Density, Error> {
        write(self.connection(), |tx| async move {
            let StateNewDensity { of, measures } = command;
            check_stand(&tx, *of).await?;
            Ok(densities::insert(&*tx, *of, measures, self.now()).await?)
        })
        .await
    }

    /// States a density anew. Counts of before no longer calibrate it.
    pub async fn state_density(&self, command: &StateDensity) -> Result<Density, Error> {
        write(self.connection(), |tx| async move {
            let StateDensity { id, etag, measures } = command;
            let density = Error::found(densities::lock(&*tx, *id).await, "density", id)?;
            if density.etag() != *etag {
                return Err(Changed::Density.into());
            }
            let now = self.now();
            let stated = Density {
                measures: measures.clone(),
                revision: density.revision + 1,
                samples: 0,
                stated_at: now,
                updated_at: now,
                ..density
            };
            densities::update(&*tx, &stated).await?;
            Ok(stated)
        })
        .await
    }
}

/// Fails when the catalogue lacks the product or packaging.
async fn check_stand(tx: &Tx, of: Stand) -> Result<(), Error> {
    let product = products::exists(tx, of.product).await;
    Error::unless(product, "product", of.product)?;
    if let Some(packaging) = of.packaging {
        let exists = packagings::exists(tx, packaging).await;
        Error::unless(exists, "packaging", packaging)?;
    }
    Ok(())
}
