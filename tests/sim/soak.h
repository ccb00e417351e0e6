#pragma once

namespace wanspool::sim {

// So many virtual hours of one house that nobody stops: thirty jobs every ten minutes, which is nearly what
// five slots carry, requests of each kind that go wrong, and outages. Then the same house is opened anew, and
// what a day has left in memory is what it held more than then. Prints both; whether every invariant holds,
// and neither memory nor descriptors have grown.
bool soak(int hours);

}  // namespace wanspool::sim
