#pragma once

namespace wanspool {

// Gives the system back what the heap has free. It takes milliseconds.
void give_memory_back();

}  // namespace wanspool
