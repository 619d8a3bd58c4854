-- New columns of old lines are filled once; what the lines say stays as it is.
ALTER TABLE stock_movements DISABLE TRIGGER stock_movements_append_only;
