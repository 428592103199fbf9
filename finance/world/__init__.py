"""The world a venture lives in: discount curve, short rate, index, deflator, exit window, sectors."""
