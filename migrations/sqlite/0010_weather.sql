-- The weather of the city by local day, in tenths of a degree Fahrenheit.

CREATE TABLE weather_day (
    day TEXT NOT NULL PRIMARY KEY,
    low INTEGER NOT NULL,
    mean INTEGER NOT NULL,
    high INTEGER NOT NULL,
    CHECK (low <= mean AND mean <= high)
) STRICT;
