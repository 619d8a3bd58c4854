-- How sure the number of plants is. `total_detected` is the expected number; an interval
-- is there only where the model was calibrated. What was counted before was boxes.
ALTER TABLE sessions ADD COLUMN plants_low INTEGER;
ALTER TABLE sessions ADD COLUMN plants_high INTEGER;
ALTER TABLE sessions ADD COLUMN boxes INTEGER;
UPDATE sessions SET boxes = total_detected;
ALTER TABLE results ADD COLUMN model_calibrated BOOLEAN NOT NULL DEFAULT FALSE;
-- Which windows were looked at, as the inference contract numbers it; 0 of counts that
-- are older than the choice.
ALTER TABLE results ADD COLUMN search INTEGER NOT NULL DEFAULT 0;
