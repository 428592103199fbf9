"""Studies: several scenarios, or many values of one, asked a question together."""
