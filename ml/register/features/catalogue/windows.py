"""The windows before a look over which days and events are counted, in years."""

from ml.register.schema import Words

WINDOWS = {
    1: Words("in the last year", "viimeisen vuoden aikana", "under det senaste året"),
    3: Words("in the last three years", "kolmen viime vuoden aikana", "under de tre senaste åren"),
    5: Words("in the last five years", "viiden viime vuoden aikana", "under de fem senaste åren"),
}
