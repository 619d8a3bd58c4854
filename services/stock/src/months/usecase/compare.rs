//! Compares what beds say was sold with the nursery's own list.

use std::collections::BTreeMap;

use super::Months;
use crate::error::Error;
use crate::ids::WarehouseId;
use crate::months::domain::month::Month;
use crate::months::domain::sales::{Cell, Comparison, Listed, Verdict, compare, judge};
use crate::months::store::catalogue;

/// A list of sales beside the beds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// In the order of the list; then what it does not name.
    pub comparisons: Vec<Comparison>,
    /// Plants, as the list says.
    pub actual: i64,
    /// Plants, as the beds say.
    pub calculated: i64,
    /// What the whole came to.
    pub verdict: Verdict,
}

// === impl Months ===

impl Months {
    /// Compares a list of sales with what the beds of a place say of a month.
    pub async fn compare(
        &self,
        month: Month,
        warehouse: Option<WarehouseId>,
        listed: &[Listed],
    ) -> Result<Compared, Error> {
        let calculated = self.sold(month, warehouse).await?;
        let catalogue = catalogue::read(self.connection()).await?;
        let comparisons = compare(listed, calculated, &catalogue);
        let actual = comparisons.iter().map(|one| one.actual).sum();
        let calculated = comparisons.iter().map(|one| one.calculated).sum();
        Ok(Compared {
            comparisons,
            actual,
            calculated,
            verdict: judge(actual, calculated),
        })
    }

    /// What the beds of a place say was sold, recorded or proposed, by class and pot.
    async fn sold(
        &self,
        month: Month,
        warehouse: Option<WarehouseId>,
    ) -> Result<BTreeMap<Cell, i64>, Error> {
        let classes = catalogue::classes(self.connection()).await?;
        let reconciled = self.reconcile(month, warehouse).await?;
        let mut sold: BTreeMap<Cell, i64> = BTreeMap::new();
        let beds = reconciled.beds.iter();
        for line in beds.flat_map(|bed| &bed.proposal.lines) {
            let Some(class) = classes.get(&line.kind.product) else {
                continue;
            };
            if line.missing().is_some() {
                let cell = (*class, line.kind.packaging);
                *sold.entry(cell).or_default() += line.flow.sales() + line.proposed();
            }
        }
        Ok(sold)
    }
}
