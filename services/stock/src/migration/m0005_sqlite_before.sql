-- New columns of old lines are filled once; what the lines say stays as it is.
DROP TRIGGER stock_movements_no_update;
