"""Minutes and hours of everything that is measured, kept beside the raw readings so that months are quick."""
