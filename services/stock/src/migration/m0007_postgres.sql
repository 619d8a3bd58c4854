ALTER TABLE hand_counts
    DROP CONSTRAINT hand_counts_quantity_positive,
    ADD CONSTRAINT hand_counts_quantity_not_negative CHECK (quantity >= 0);
