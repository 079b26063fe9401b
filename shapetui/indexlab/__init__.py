"""What an index buys: queries measured per stratum before and after, indexes built and taken back, the comparison."""
