"""Whether the level of the calibration should be carried on to the day of use."""
