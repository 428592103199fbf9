"""Rules of public money: contracts, commitments, tax, tolerance, platforms, credit."""
