"""Values of the administrative commands: the roles of syncd grants, the selection of syncd reparse."""
