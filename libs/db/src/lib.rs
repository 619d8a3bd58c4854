//! Opens PostgreSQL or SQLite through sea-orm, classifies database faults and retries serialization failures.
