//! The nursery's own list of sales, beside what its beds say.

use std::collections::BTreeMap;

use crate::catalog::domain::{Category, Packaging, Price};
use crate::ids::{CategoryId, PackagingId};
use crate::invalid::Invalid;

/// Lines that one list may have.
const MAX_LINES: usize = 10_000;

/// By how much the two may differ, in hundredths of what the list says.
const TOLERANCE_PERCENT: i64 = 5;

/// What the columns may be called, in small letters without accents.
const QUANTITY: [&str; 2] = ["quantity", "cantidad"];
const SKU: [&str; 2] = ["sku", "codigo"];
const CLASS: [&str; 2] = ["class", "clase"];
const POT: [&str; 2] = ["pot", "maceta"];
const COLOR: [&str; 2] = ["color", "colour"];

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its number, the header's being 1.
    pub line: usize,
    /// What was sold, as it is written.
    pub name: Name,
    /// Plants.
    pub plants: i64,
}

/// What was sold, as a list writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// By a code of the price list, or of a packaging.
    Sku(String),
    /// By what it is and what it stands in; empty where the list does not say.
    Parts {
        /// The category's code or name.
        class: String,
        /// The packaging's type, name or code.
        pot: String,
        /// The packaging's colour.
        color: String,
    },
}

/// What is sold, as the catalogue knows it.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Classes.
    pub categories: Vec<Category>,
    /// Pots.
    pub packagings: Vec<Packaging>,
    /// Codes of the price list.
    pub prices: Vec<Price>,
}

/// Plants of a class in a pot; in none.
pub type Cell = (CategoryId, Option<PackagingId>);

/// One name of the list beside the beds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Lines that mean it; none when the list does not name it.
    pub lines: Vec<usize>,
    /// As the list writes it, or as the catalogue does.
    pub name: String,
    /// Plants, as the list says.
    pub actual: i64,
    /// Plants, as the beds say.
    pub calculated: i64,
    /// What it came to.
    pub verdict: Verdict,
}

/// What a comparison came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The two are near enough.
    Agrees,
    /// The beds say more.
    MoreCalculated,
    /// The beds say less.
    LessCalculated,
    /// The catalogue does not have it.
    Unknown,
    /// The list does not name it.
    NotListed,
}

/// Which cells a name means: of this category, if of one only, in one of these pots,
/// if in some only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Meaning {
    category: Option<CategoryId>,
    packagings: Option<Vec<PackagingId>>,
}

/// The lines of a list of sales.
pub fn parse(csv: &str) -> Result<Vec<Listed>, Invalid> {
    let csv = csv.trim_start_matches('\u{feff}');
    let header = csv.lines().next().unwrap_or_default();
    let separator = if header.contains(';') { ';' } else { ',' };
    let mut records = records(csv, separator)?.into_iter();
    let (_, header) = records
        .next()
        .ok_or_else(|| fault(1, "a header is missing"))?;
    let columns = Columns::of(&header)?;
    let filled = records.filter(|(_, fields)| fields.iter().any(|field| !field.is_empty()));
    filled
        .map(|(line, fields)| columns.read(line, &fields))
        .collect()
}

/// Whether what the beds say is near enough to what the list says.
pub const fn judge(actual: i64, calculated: i64) -> Verdict {
    let off = calculated - actual;
    if 100 * off.abs() <= TOLERANCE_PERCENT * actual {
        Verdict::Agrees
    } else if off > 0 {
        Verdict::MoreCalculated
    } else {
        Verdict::LessCalculated
    }
}

/// A list beside what the beds say, in the order of the list; then what it does not
/// name. Lines that mean the same are one. Plants that two names of the list mean are
/// the first one's.
pub fn compare(
    listed: &[Listed],
    mut calculated: BTreeMap<Cell, i64>,
    catalogue: &Catalogue,
) -> Vec<Comparison> {
    let mut order: Vec<Meaning> = Vec::new();
    let mut of: BTreeMap<Meaning, Comparison> = BTreeMap::new();
    let mut unknown: Vec<Comparison> = Vec::new();
    for one in listed {
        let Some(meaning) = catalogue.meaning(&one.name) else {
            let comparison = Comparison::new(one.name.to_string(), Verdict::Unknown);
            match unknown
                .iter_mut()
                .find(|known| known.name == comparison.name)
            {
                Some(known) => known.add(one),
                None => unknown.push(comparison.with(one)),
            }
            continue;
        };
        let entry = of.entry(meaning.clone()).or_insert_with(|| {
            order.push(meaning);
            Comparison::new(one.name.to_string(), Verdict::Agrees)
        });
        entry.add(one);
    }
    let mut told = Vec::new();
    for meaning in order {
        let Some(comparison) = of.remove(&meaning) else {
            continue;
        };
        let cells: Vec<Cell> = calculated.keys().copied().collect();
        let meant = cells.into_iter().filter(|cell| meaning.has(*cell));
        let plants = meant.filter_map(|cell| calculated.remove(&cell)).sum();
        told.push(comparison.beside(plants));
    }
    told.extend(unknown);
    let left = calculated.into_iter().filter(|(_, plants)| *plants != 0);
    told.extend(left.map(|(cell, plants)| Comparison {
        calculated: plants,
        ..Comparison::new(catalogue.name(cell), Verdict::NotListed)
    }));
    told
}

/// The records of a CSV text with the numbers of their lines, blanks around their
/// fields cut off. A field in quotes may hold separators, line ends and doubled quotes.
fn records(text: &str, separator: char) -> Result<Vec<(usize, Vec<String>)>, Invalid> {
    let mut records = vec![(1, vec![String::new()])];
    let (mut line, mut quoted) = (1, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some((_, fields)) = records.last_mut() else {
            break;
        };
        let Some(field) = fields.last_mut() else {
            break;
        };
        if letter == '\n' {
            line += 1;
        }
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' if quoted || field.trim().is_empty() => quoted = !quoted,
            _ if quoted => field.push(letter),
            '\n' => records.push((line, vec![String::new()])),
            '\r' => {}
            _ if letter == separator => fields.push(String::new()),
            _ => field.push(letter),
        }
        if records.len() > MAX_LINES + 1 {
            let problem = format!("must not have more than {MAX_LINES} lines");
            return Err(Invalid::new("csv", problem));
        }
    }
    if quoted {
        return Err(fault(line, "a quote is not closed"));
    }
    for field in records.iter_mut().flat_map(|(_, fields)| fields) {
        field.truncate(field.trim_end().len());
        *field = field.trim_start().to_owned();
    }
    Ok(records)
}

/// Small letters without accents.
fn folded(text: &str) -> String {
    let plain = |letter: char| match letter {
        'á' => 'a',
        'é' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' | 'ü' => 'u',
        'ñ' => 'n',
        other => other,
    };
    text.trim().to_lowercase().chars().map(plain).collect()
}

/// A number of plants; a dot may part thousands.
fn plants(text: &str) -> Option<i64> {
    let mut groups = text.split('.');
    let first = groups.next()?;
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let rest: Vec<&str> = groups.collect();
    let parted = first.len() <= 3 && rest.iter().all(|group| group.len() == 3 && digits(group));
    if !digits(first) || !(rest.is_empty() || parted) {
        return None;
    }
    let plants: i64 = format!("{first}{}", rest.concat()).parse().ok()?;
    (plants <= 1_000_000_000).then_some(plants)
}

fn fault(line: usize, problem: &str) -> Invalid {
    Invalid::new("csv", format!("line {line}: {problem}"))
}

/// Where the columns are.
struct Columns {
    quantity: usize,
    sku: Option<usize>,
    parts: [Option<usize>; 3],
}

// === impl Columns ===

impl Columns {
    fn of(header: &[String]) -> Result<Self, Invalid> {
        let names: Vec<String> = header.iter().map(|name| folded(name)).collect();
        let place = |of: &[&str]| names.iter().position(|name| of.contains(&name.as_str()));
        let columns = Self {
            quantity: place(&QUANTITY)
                .ok_or_else(|| fault(1, "must have a column quantity (cantidad)"))?,
            sku: place(&SKU),
            parts: [place(&CLASS), place(&POT), place(&COLOR)],
        };
        if columns.sku.is_none() && columns.parts[1].is_none() {
            return Err(fault(1, "must have a column sku (codigo) or pot (maceta)"));
        }
        Ok(columns)
    }

    fn read(&self, line: usize, fields: &[String]) -> Result<Listed, Invalid> {
        let field = |place: Option<usize>| place.and_then(|at| fields.get(at)).cloned();
        let plants = field(Some(self.quantity)).and_then(|text| plants(&text));
        let plants = plants.ok_or_else(|| fault(line, "quantity must be a number of plants"))?;
        let name = match field(self.sku).filter(|sku| !sku.is_empty()) {
            Some(sku) => Name::Sku(sku),
            None => Name::Parts {
                class: field(self.parts[0]).unwrap_or_default(),
                pot: field(self.parts[1]).unwrap_or_default(),
                color: field(self.parts[2]).unwrap_or_default(),
            },
        };
        if name.to_string().is_empty() {
            return Err(fault(line, "must say what was sold"));
        }
        Ok(Listed { line, name, plants })
    }
}

// === impl Name ===

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sku(sku) => f.write_str(sku),
            Self::Parts { class, pot, color } => {
                let said = [class, pot, color]
                    .into_iter()
                    .filter(|part| !part.is_empty());
                let said: Vec<&str> = said.map(String::as_str).collect();
                f.write_str(&said.join(" "))
            }
        }
    }
}

// === impl Meaning ===

impl Meaning {
    fn has(&self, (category, packaging): Cell) -> bool {
        self.category.is_none_or(|of| of == category)
            && self
                .packagings
                .as_ref()
                .is_none_or(|of| packaging.is_some_and(|packaging| of.contains(&packaging)))
    }
}

// === impl Catalogue ===

impl Catalogue {
    fn meaning(&self, name: &Name) -> Option<Meaning> {
        match name {
            Name::Sku(sku) => self
                .priced(&folded(sku))
                .or_else(|| self.packed(&folded(sku))),
            Name::Parts { class, pot, color } => self.parts(class, pot, color),
        }
    }

    fn priced(&self, sku: &str) -> Option<Meaning> {
        let price = self.prices.iter().find(|price| folded(&price.sku) == sku)?;
        Some(Meaning {
            category: Some(price.range.category),
            packagings: Some(vec![price.range.packaging]),
        })
    }

    fn packed(&self, sku: &str) -> Option<Meaning> {
        let packaging = self.packagings.iter().find(|one| folded(&one.sku) == sku)?;
        Some(Meaning {
            category: None,
            packagings: Some(vec![packaging.id]),
        })
    }

    fn parts(&self, class: &str, pot: &str, color: &str) -> Option<Meaning> {
        let (class, pot, color) = (folded(class), folded(pot), folded(color));
        let mut categories = self.categories.iter();
        let category =
            categories.find(|one| [&one.code, &one.name].map(|it| folded(it)).contains(&class));
        if category.is_none() && !class.is_empty() {
            return None;
        }
        let is_pot = |one: &&Packaging| {
            let names = [&one.make.type_code, &one.name, &one.sku].map(|it| folded(it));
            pot.is_empty() || names.contains(&pot)
        };
        let is_color = |one: &&Packaging| color.is_empty() || folded(&one.make.color_name) == color;
        let meant = self.packagings.iter().filter(is_pot).filter(is_color);
        let meant: Vec<PackagingId> = meant.map(|one| one.id).collect();
        let packed = !(pot.is_empty() && color.is_empty());
        if packed && meant.is_empty() {
            return None;
        }
        Some(Meaning {
            category: category.map(|one| one.id),
            packagings: packed.then_some(meant),
        })
    }

    fn name(&self, (category, packaging): Cell) -> String {
        let class = self.categories.iter().find(|one| one.id == category);
        let pot = self.packagings.iter().find(|one| Some(one.id) == packaging);
        let pot = pot.map_or("not packed", |one| one.sku.as_str());
        format!("{} {pot}", class.map_or("", |one| one.code.as_str()))
    }
}

// === impl Comparison ===

impl Comparison {
    const fn new(name: String, verdict: Verdict) -> Self {
        Self {
            lines: Vec::new(),
            name,
            actual: 0,
            calculated: 0,
            verdict,
        }
    }

    fn add(&mut self, one: &Listed) {
        self.lines.push(one.line);
        self.actual += one.plants;
    }

    fn with(mut self, one: &Listed) -> Self {
        self.add(one);
        self
    }

    fn beside(self, calculated: i64) -> Self {
        Self {
            calculated,
            verdict: judge(self.actual, calculated),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::domain::{Make, Money, Range};
    use proptest::prelude::*;

    fn a_packaging(id: i32, sku: &str, type_code: &str, color: &str) -> Packaging {
        Packaging {
            id: PackagingId(id),
            sku: sku.into(),
            name: format!("Maceta {type_code} {color}"),
            make: Make {
                type_code: type_code.into(),
                material_code: "PLASTIC".into(),
                color_name: color.into(),
            },
        }
    }

    fn the_catalogue() -> Catalogue {
        let category = |id, code: &str| Category {
            id: CategoryId(id),
            code: code.into(),
            name: code.to_lowercase(),
        };
        Catalogue {
            categories: vec![category(1, "CACTUS"), category(2, "SUCULENTAS")],
            packagings: vec![
                a_packaging(1, "MAC-R8-T", "R8", "TERRACOTA"),
                a_packaging(2, "MAC-R8-N", "R8", "NEGRA"),
            ],
            prices: vec![Price {
                id: 1,
                sku: "CR8T-1".into(),
                range: Range {
                    category: CategoryId(1),
                    packaging: PackagingId(1),
                },
                wholesale_unit: Money {
                    minor: 95_000,
                    currency: "ARS".into(),
                },
                units_per_box: 20,
            }],
        }
    }

    fn cell(category: i32, packaging: i32) -> Cell {
        (CategoryId(category), Some(PackagingId(packaging)))
    }

    #[test]
    fn a_list_of_quantities_classes_pots_and_colours_is_read() {
        let csv = "\u{feff}Cantidad;Clase;Maceta;Color\r\n1.200;CACTUS;R8;Terracota\r\n\r\n3;\"SUCU;LENTAS\";R8;\r\n";

        let listed = parse(csv).unwrap();

        let told: Vec<_> = listed
            .iter()
            .map(|one| (one.line, one.name.to_string(), one.plants))
            .collect();
        assert_eq!(
            told,
            [
                (2, "CACTUS R8 Terracota".to_owned(), 1_200),
                (4, "SUCU;LENTAS R8".to_owned(), 3)
            ]
        );
    }

    #[test]
    fn a_fault_names_its_line() {
        for (csv, told) in [
            ("", "line 1"),
            ("quantity,class\n", "sku (codigo) or pot"),
            ("sku\nX\n", "quantity"),
            ("sku,quantity\nX,many\n", "line 2"),
            ("sku,quantity\n\"X,1\n", "not closed"),
            ("sku,quantity\n,1\n", "line 2: must say"),
            ("sku,quantity\nX,1.20\n", "line 2"),
        ] {
            let refused = parse(csv).unwrap_err();
            assert!(
                refused.problem.contains(told),
                "{csv:?}: {}",
                refused.problem
            );
        }
    }

    #[test]
    fn within_five_percent_of_what_was_sold_the_two_agree() {
        assert_eq!(judge(1_000, 1_050), Verdict::Agrees);
        assert_eq!(judge(1_000, 950), Verdict::Agrees);
        assert_eq!(judge(1_000, 1_051), Verdict::MoreCalculated);
        assert_eq!(judge(1_000, 949), Verdict::LessCalculated);
        assert_eq!(judge(0, 0), Verdict::Agrees);
        assert_eq!(judge(0, 1), Verdict::MoreCalculated);
    }

    #[test]
    fn each_name_is_compared_and_what_is_unknown_or_not_listed_is_told() {
        let csv = "sku,class,pot,color,quantity\nCR8T-1,,,,100\n,cactus,r8,terracota,50\n,suculentas,R8,negra,10\nZZ-9,,,,7\n";
        let calculated = BTreeMap::from([(cell(1, 1), 151), (cell(2, 2), 20), (cell(2, 1), 4)]);

        let told = compare(&parse(csv).unwrap(), calculated, &the_catalogue());

        let told: Vec<_> = told
            .iter()
            .map(|one| {
                let lines = one.lines.as_slice();
                (
                    lines,
                    one.name.as_str(),
                    one.actual,
                    one.calculated,
                    one.verdict,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ([2, 3].as_slice(), "CR8T-1", 150, 151, Verdict::Agrees),
                (
                    [4].as_slice(),
                    "suculentas R8 negra",
                    10,
                    20,
                    Verdict::MoreCalculated
                ),
                ([5].as_slice(), "ZZ-9", 7, 0, Verdict::Unknown),
                (
                    [].as_slice(),
                    "SUCULENTAS MAC-R8-T",
                    0,
                    4,
                    Verdict::NotListed
                ),
            ]
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "[a-z,;\"\r\n 0-9.]{0,200}") {
            let _either = parse(&format!("sku,quantity\n{text}"));
        }

        #[test]
        fn every_plant_is_compared_once(
            sold in prop::collection::btree_map((1i32..3, 1i32..3), 0i64..500, 0..4),
            lines in prop::collection::vec((0usize..4, 0i64..500), 0..6),
        ) {
            let names = ["CR8T-1,,,", ",cactus,R8,", ",,r8,negra", "ZZ-9,,,"];
            let rows: Vec<String> = lines.iter().map(|(name, plants)| format!("{},{plants}", names[*name])).collect();
            let csv = rows.join("\n");
            let listed = parse(&format!("sku,class,pot,color,quantity\n{csv}")).unwrap();
            let cells: BTreeMap<Cell, i64> = sold.iter().map(|((c, p), plants)| (cell(*c, *p), *plants)).collect();

            let told = compare(&listed, cells, &the_catalogue());

            let actual: i64 = told.iter().map(|one| one.actual).sum();
            let calculated: i64 = told.iter().map(|one| one.calculated).sum();
            prop_assert_eq!(actual, lines.iter().map(|(_, plants)| plants).sum::<i64>());
            prop_assert_eq!(calculated, sold.values().sum::<i64>());
        }
    }
}
