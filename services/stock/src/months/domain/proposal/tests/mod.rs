//! Proposals over histories of one bed.

mod history;

use proptest::prelude::*;

use self::history::{ADULT, Bed, SEEDLING, a_kind, batch, day, october};
use super::*;
use crate::ids::StateId;
use crate::months::domain::flow::Class;
use crate::months::domain::month::Month;

fn one(proposal: &Proposal) -> &KindLine {
    assert_eq!(proposal.lines.len(), 1, "{proposal:?}");
    &proposal.lines[0]
}

#[test]
fn ten_thousand_and_what_came_and_went_less_the_photo_was_sold() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .photo(0, 10_000, 1)
        .moves(10, 1, Class::Planted, 500)
        .moves(12, 1, Class::MovedOut, -200)
        .moves(14, 1, Class::Died, -300)
        .photo(31, 9_500, 1);

    let proposal = bed.propose();

    let line = one(&proposal);
    assert_eq!(
        (line.opening.unwrap().plants, line.closing.unwrap().plants),
        (10_000, 9_500)
    );
    let Flow {
        planted,
        moved_out,
        died,
        adjusted,
        ..
    } = line.flow;
    assert_eq!((planted, moved_out, died, adjusted), (500, 200, 300, 0));
    assert_eq!((line.expected(), line.missing()), (Some(10_000), Some(500)));
    assert_eq!(line.sales, [(batch(1), 500)]);
    assert_eq!((line.verdict, line.allocated), (Verdict::Ready, false));
}

#[test]
fn five_thousand_and_what_came_and_went_less_the_photo_was_sold() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .photo(0, 5_000, 1)
        .moves(10, 1, Class::Planted, 200)
        .moves(14, 1, Class::Died, -100)
        .photo(30, 4_800, 1);

    let proposal = bed.propose();

    assert_eq!(one(&proposal).expected(), Some(5_100));
    assert_eq!(proposal.sales(), 300);
}

#[test]
fn sales_that_are_recorded_are_not_proposed_again() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .photo(0, 1_000, 1)
        .moves(10, 1, Class::Sold, -120)
        .photo(31, 800, 1);

    let proposal = bed.propose();

    assert_eq!(one(&proposal).flow.sales(), 120);
    assert_eq!(proposal.sales(), 80);
}

#[test]
fn a_count_in_between_is_no_adjustment_and_changes_nothing() {
    let bed = Bed::new().with(1, a_kind(1, ADULT), 0).photo(0, 1_000, 1);
    let with = bed.clone().photo(15, 930, 1).photo(31, 900, 1);
    let without = bed.photo(31, 900, 1);

    assert_eq!(with.propose().sales(), 100);
    assert_eq!(one(&with.propose()).flow.adjusted, 0);
    assert_eq!(without.propose().sales(), 100);
}

#[test]
fn more_plants_than_are_known_of_need_review_and_nothing_is_sold() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .photo(0, 1_000, 1)
        .photo(31, 1_010, 1);

    let proposal = bed.propose();

    assert_eq!(one(&proposal).missing(), Some(-10));
    assert_eq!(proposal.verdict(), Some(Verdict::MorePlants));
    assert_eq!(proposal.sales(), 0);
}

#[test]
fn seedlings_are_not_sold_so_what_is_missing_of_them_needs_review() {
    let bed = Bed::new()
        .with(1, a_kind(1, SEEDLING), 0)
        .photo(0, 1_000, 1)
        .photo(31, 990, 1);

    let proposal = bed.propose();

    assert_eq!(proposal.verdict(), Some(Verdict::NotSellable));
    assert_eq!((proposal.sales(), proposal.remainder), (0, 10));
}

#[test]
fn a_bed_without_an_opening_or_a_closing_count_says_which() {
    let planted = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .moves(-5, 1, Class::Planted, 100);
    let closed = planted.clone().photo(31, 90, 1);
    let opened = planted.clone().photo(0, 100, 1).photo(20, 95, 1);

    assert_eq!(planted.propose().verdict(), Some(Verdict::NoOpening));
    assert_eq!(closed.propose().verdict(), Some(Verdict::NoOpening));
    assert_eq!(opened.propose().verdict(), Some(Verdict::NoClosing));
    assert_eq!(Bed::new().propose().verdict(), None);
}

#[test]
fn a_bed_that_was_taken_into_use_in_the_month_opens_with_its_first_count_by_hand() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .by_hand(10, 1, 400)
        .moves(12, 1, Class::Died, -10)
        .photo(31, 350, 1);

    let proposal = bed.propose();

    assert_eq!(one(&proposal).opening.unwrap().plants, 400);
    assert_eq!(proposal.sales(), 40);
}

#[test]
fn a_product_that_came_to_a_counted_bed_opens_with_nothing() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .with(2, a_kind(2, ADULT), 0)
        .by_hand(0, 1, 100)
        .moves(12, 2, Class::MovedIn, 50)
        .photo(31, 140, 1);

    let proposal = bed.propose();

    let new = proposal
        .lines
        .iter()
        .find(|line| line.kind.product.0 == 2)
        .unwrap();
    assert_eq!(
        (new.opening.unwrap().plants, new.opening.unwrap().count),
        (0, None)
    );
    assert_eq!(proposal.sales(), 10);
    assert!(proposal.lines.iter().all(|line| line.allocated));
}

#[test]
fn the_count_that_closes_a_month_opens_the_next_one() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .photo(0, 1_000, 1)
        .photo(26, 950, 1)
        .moves(28, 1, Class::Died, -20)
        .photo(60, 900, 1);
    let november = Rules {
        period: Month::new(2026, 11).unwrap().period(chrono_tz::UTC),
        ..october()
    };

    let (first, second) = (bed.propose(), propose(&bed.0, &november, &Carried::new()));

    assert_eq!(first.lines[0].closing, second.lines[0].opening);
    assert_eq!((first.sales(), second.sales()), (50, 30));
}

#[test]
fn kinds_that_share_a_photo_are_reconciled_as_a_whole_and_only_what_may_be_sold_was() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .with(2, a_kind(2, SEEDLING), 0)
        .by_hand(0, 1, 600)
        .by_hand(0, 2, 400)
        .photo(31, 980, 1);

    let proposal = bed.propose();

    let told: Vec<_> = proposal
        .lines
        .iter()
        .map(|line| (line.missing(), line.proposed(), line.allocated))
        .collect();
    assert_eq!(told, [(Some(12), 20, true), (Some(8), 0, true)]);
    assert_eq!(proposal.verdict(), Some(Verdict::Ready));
}

#[test]
fn a_whole_bed_never_sells_more_of_a_kind_than_there_was() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .with(2, a_kind(2, SEEDLING), 0)
        .by_hand(0, 1, 10)
        .by_hand(0, 2, 490)
        .photo(31, 400, 1);

    let proposal = bed.propose();

    assert_eq!((proposal.sales(), proposal.remainder), (10, 90));
}

#[test]
fn what_was_planted_first_is_sold_first() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 50)
        .with(2, a_kind(1, ADULT), 20)
        .with(3, a_kind(1, ADULT), 80)
        .moves(-3, 1, Class::Planted, 100)
        .moves(-2, 2, Class::Planted, 30)
        .moves(-1, 3, Class::Planted, 100)
        .photo(0, 230, 1)
        .photo(31, 180, 1);

    let proposal = bed.propose();

    assert_eq!(one(&proposal).sales, [(batch(2), 30), (batch(1), 20)]);
}

#[test]
fn an_approval_leaves_nothing_to_propose_and_a_reopening_gives_the_same_again() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .with(2, a_kind(2, ADULT), 0)
        .by_hand(0, 1, 600)
        .by_hand(0, 2, 400)
        .photo(31, 900, 1);
    let proposal = bed.propose();

    let approved = bed.approve(&proposal, 1);
    let reopened = approved.clone().approve(&proposal, -1);

    assert_eq!(
        (approved.propose().sales(), approved.propose().remainder),
        (0, 0)
    );
    assert_eq!(approved.propose().read, proposal.read);
    assert_ne!(approved.propose().digest, proposal.digest);
    assert_eq!(reopened.propose(), proposal);
}

#[test]
fn a_late_death_makes_what_was_read_another_and_the_sales_fewer() {
    let before = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .photo(0, 1_000, 1)
        .photo(31, 900, 1);
    // The ledger gives back at the count what it had taken.
    let after = before
        .clone()
        .moves(10, 1, Class::Died, -20)
        .moves(31, 1, Class::Counted, 20);

    let (before, after) = (before.propose(), after.propose());

    assert_eq!((before.sales(), after.sales()), (100, 80));
    assert_ne!(before.read, after.read);
    assert_ne!(before.digest, after.digest);
}

#[test]
fn a_late_fact_of_another_month_leaves_what_was_read_as_it_was() {
    let before = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .photo(0, 1_000, 1)
        .photo(31, 900, 1);
    let after = before
        .clone()
        .moves(-9, 1, Class::Died, -20)
        .moves(0, 1, Class::Counted, 20)
        .moves(33, 1, Class::Died, -5);

    assert_eq!(before.propose(), after.propose());
}

#[test]
fn what_late_facts_changed_in_closed_months_is_settled_by_this_one() {
    let bed = Bed::new()
        .with(1, a_kind(1, ADULT), 0)
        .photo(0, 1_000, 1)
        .photo(31, 900, 1);
    let with = |plants| {
        propose(
            &bed.0,
            &october(),
            &Carried::from([(a_kind(1, ADULT), plants)]),
        )
    };

    let (fewer, more, none) = (with(-20), with(30), bed.propose());

    assert_eq!((fewer.sales(), more.sales(), none.sales()), (80, 130, 100));
    assert_eq!(one(&fewer).own(), Some(100));
    assert_ne!(fewer.read, none.read);
    assert_eq!(with(-101).verdict(), Some(Verdict::MorePlants));
}

/// What may happen to a bed on a day of October.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Moves(u128, Class, i64),
    Photo(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let class = prop::sample::select(vec![
        Class::Planted,
        Class::MovedIn,
        Class::MovedOut,
        Class::Died,
        Class::Adjusted,
        Class::Sold,
    ]);
    prop_oneof![
        4 => (1u128..=4, class, 1i64..200).prop_map(|(number, class, plants)| Happens::Moves(number, class, plants)),
        1 => (50i64..1_500).prop_map(Happens::Photo),
    ]
}

proptest! {
    #[test]
    fn no_plant_is_lost_between_two_counts(
        opening in prop::collection::vec(0i64..500, 4),
        days in prop::collection::vec(happens(), 0..25),
        closing in 0i64..2_500,
    ) {
        let mut bed = Bed::new()
            .with(1, a_kind(1, ADULT), 3)
            .with(2, a_kind(1, ADULT), 1)
            .with(3, a_kind(2, ADULT), 2)
            .with(4, a_kind(3, SEEDLING), 4);
        for (number, plants) in (1u128..).zip(&opening) {
            bed = bed.at_most(-1, number, Class::Planted, *plants);
        }
        bed = bed.photo(0, opening.iter().sum(), 1);
        for (on, what) in (1i64..).zip(&days) {
            bed = match what {
                Happens::Moves(number, class, plants) => bed.at_most(on, *number, *class, *plants),
                Happens::Photo(plants) => bed.photo(on, *plants, 1),
            };
        }
        let bed = bed.photo(31, closing, 1);

        let proposal = bed.propose();

        let stood = bed.0.all_stood(day(31));
        prop_assert_eq!(stood, closing);
        let missing: i64 = proposal.lines.iter().filter_map(KindLine::missing).sum();
        let flow = bed.0.all_flow(day(0), day(31));
        // What is missing is what counts took, and nothing else.
        prop_assert_eq!(missing, -flow.counted);
        let wrong = proposal.lines.iter().any(|line| line.verdict == Verdict::MorePlants);
        if wrong {
            return Ok(());
        }
        prop_assert_eq!(proposal.sales() + proposal.remainder, missing);
        for line in &proposal.lines {
            for (id, sold) in &line.sales {
                let flow = bed.0.flow(*id, day(0), day(31));
                prop_assert!(*sold > 0);
                prop_assert!(*sold <= bed.0.stood(*id, day(0)) + flow.known() - flow.sales());
                prop_assert_eq!(bed.0.plots[id].kind.state, StateId(ADULT));
            }
        }
        let approved = bed.clone().approve(&proposal, 1);
        prop_assert_eq!(approved.propose().sales(), 0);
        prop_assert_eq!(&approved.propose().read, &proposal.read);
        prop_assert_eq!(approved.0.all_stood(day(31)), closing);
        prop_assert_eq!(approved.approve(&proposal, -1).propose(), proposal);
    }
}
