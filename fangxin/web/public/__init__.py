"""The pages of the public site. It serves one jurisdiction: the one whose rulebook is named here."""

DEFAULT = "beijing"
# Whose register of agencies it shows.
REGISTER = "fujian"
