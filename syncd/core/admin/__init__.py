"""Values of the administrative commands: roles for syncd grants, selections for syncd reparse."""
