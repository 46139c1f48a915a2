ALTER TABLE resolutions
    DROP item,
    DROP item_detail,
    DROP item_form,
    DROP item_revision,
    RESET (toast_tuple_target);
