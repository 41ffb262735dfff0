"""From the outline to prose, passage by passage."""
