DROP FUNCTION loaded_rows_are_sound();
