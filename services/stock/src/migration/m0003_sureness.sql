-- How sure a photo's count is: an interval where the model was calibrated, and the number
-- of boxes. Absent of counts that are older than this.
ALTER TABLE photo_counts ADD COLUMN plants_low INTEGER;
ALTER TABLE photo_counts ADD COLUMN plants_high INTEGER;
ALTER TABLE photo_counts ADD COLUMN boxes INTEGER;
