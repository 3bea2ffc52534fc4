-- The weather of the city by local day, in tenths of a degree Fahrenheit.

CREATE TABLE weather_day (
    day DATE NOT NULL PRIMARY KEY,
    low BIGINT NOT NULL,
    mean BIGINT NOT NULL,
    high BIGINT NOT NULL,
    CHECK (low <= mean AND mean <= high)
);
