//! Keys that cannot be mistaken for one another.

use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

id! {
    /// A greenhouse bay.
    WarehouseId(i32);
    /// A bed of a warehouse.
    AreaId(i32);
    /// A bay of a bed: what one photo shows.
    LocationId(i32);
    /// A container in a location.
    BinId(i32);
    /// A version of what is to grow in a location.
    ConfigurationId(i32);
    /// One configuration given to many locations.
    OperationId(Uuid);
    /// How densely plants of a product stand.
    DensityId(i32);
    /// Plants that were counted on a known area.
    SampleId(i32);
    /// People who count beds together.
    CountSessionId(Uuid);
    /// What one of them counted.
    EntryId(Uuid);
    /// A product category.
    CategoryId(i32);
    /// A product family.
    FamilyId(i32);
    /// A species or variety.
    ProductId(i32);
    /// How far a plant is.
    StateId(i32);
    /// How big a plant is.
    SizeId(i32);
    /// A pot or tray.
    PackagingId(i32);
    /// A batch of plants.
    BatchId(Uuid);
    /// A line of the ledger.
    MovementId(Uuid);
    /// What a client calls one write, so that its retry has one effect.
    RequestId(Uuid);
    /// A photo session of the photo service.
    SessionId(Uuid);
    /// A count by hand.
    HandCountId(Uuid);
    /// What the halves of a transplant share.
    TransferId(Uuid);
    /// Something that a supervisor does to a month: the approval of beds, for example.
    MonthActId(Uuid);
}
