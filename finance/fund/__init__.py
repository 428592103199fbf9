"""Arithmetic of a fund on plain arrays, with a life of its own.

Arrays in, arrays out, time on the last axis: column k is the instant k / ``periods_per_year`` after column 0.
Nothing here knows a scenario, draws a number or keeps a state.
"""
